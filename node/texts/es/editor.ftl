# Where an organizer draws a hall. Scripts say most of it: texts, arguments and counting only.

editor-first-category = Estándar
editor-first-section = Platea
editor-category = Categoría
editor-section = Sector
editor-stage = Escenario
editor-standing = De pie
editor-people = { $count ->
    [one] { $count } persona
   *[other] { $count } personas
}
editor-unnamed = Sin nombre
editor-automatic = automático
editor-several = varios
editor-dismiss = Cerrar
editor-part-lost = No se ha podido cargar esta parte de la página: se ha cortado la conexión. Inténtelo de nuevo dentro de un momento; lo que ha dibujado sigue aquí.

editor-a-block = Bloque
editor-a-tables = Mesas
editor-a-row = Fila
editor-a-area = Zona
editor-a-stage = Escenario
editor-the-block = Bloque de filas
editor-the-tables = Mesas
editor-the-row = Fila
editor-the-area = Zona
editor-the-stage = Escenario
editor-the-section = Sector
editor-name-block = Filas { $first } – { $last }
editor-name-row = Fila { $label }
editor-seat-name = Fila { $row }, butaca { $number }
editor-things = { $count ->
    [one] { $count } elemento
   *[other] { $count } elementos
}
editor-seats = { $count ->
    [one] { $count } butaca
   *[other] { $count } butacas
}
editor-capacity = { $count ->
    [one] Para { $count } persona
   *[other] Para { $count } personas
}
editor-count-block = { $rows } filas × { $seats } = { $count }
editor-count-tables = { $tables } mesas, { $count } butacas
editor-count-row = { $count ->
    [one] { $count } butaca
   *[other] { $count } butacas
}

editor-undo = No hay nada que deshacer
editor-redo = No hay nada que rehacer
editor-undo-what = Deshacer: { $words } (Ctrl Z)
editor-redo-what = Rehacer: { $words } (Ctrl Mayús Z)
editor-said-undone = Deshecho: { $words }
editor-said-redone = Rehecho: { $words }
editor-said-drawn = { $what }: añadido con { $count } plazas
editor-said-removed = { $count ->
    [one] { $count } elemento quitado
   *[other] { $count } elementos quitados
}
editor-said-copied = { $count ->
    [one] { $count } elemento copiado
   *[other] { $count } elementos copiados
}
editor-said-copies = { $count ->
    [one] { $count } copia añadida
   *[other] { $count } copias añadidas
}
editor-said-saved = La sala está guardada

editor-did-block = añadir un bloque
editor-did-row = añadir una fila
editor-did-tables = añadir mesas
editor-did-area = añadir una zona
editor-did-stage = dibujar el escenario
editor-did-move = mover
editor-did-turn = girar
editor-did-resize = cambiar el tamaño
editor-did-align = alinear
editor-did-distribute = distribuir
editor-did-mirror = reflejar
editor-did-duplicate = duplicar
editor-did-paste = pegar
editor-did-remove = quitar
editor-did-gaps = quitar butacas
editor-did-restore = devolver butacas
editor-did-paint = pintar precios
editor-did-kind = marcar butacas
editor-did-change = cambiar un campo
editor-did-rows = separar en filas
editor-did-straighten = enderezar
editor-did-number = numerar butacas
editor-did-section = cambiar el sector
editor-did-add-section = añadir un sector
editor-did-remove-section = quitar el sector
editor-did-category = añadir una categoría de precio
editor-did-category-change = cambiar la categoría de precio
editor-did-category-remove = quitar la categoría de precio
editor-did-restore-draft = recuperar el borrador
editor-did-theirs = cargar la sala guardada

editor-align = Alinear
editor-distribute = Distribuir
editor-change = Cambiar
editor-align-left = Alinear los bordes izquierdos
editor-align-centre = Alinear los centros en horizontal
editor-align-right = Alinear los bordes derechos
editor-align-top = Alinear los bordes superiores
editor-align-middle = Alinear los centros en vertical
editor-align-bottom = Alinear los bordes inferiores
editor-distribute-x = Igualar distancias de izquierda a derecha
editor-distribute-y = Igualar distancias de arriba abajo
editor-act-duplicate = Duplicar; los rótulos continúan (Ctrl D)
editor-act-mirror = Reflejar
editor-act-turn-left = Girar 15° a la izquierda
editor-act-turn-right = Girar 15° a la derecha
editor-act-remove = Quitar (Supr)
editor-act-rows = Separar en filas
editor-act-gaps = Devolver las butacas quitadas
editor-act-gap = Quitar butacas
editor-act-straighten = Enderezar
editor-act-select-section = Seleccionar todo lo que contiene
editor-act-remove-section = Quitar con todo lo que contiene
editor-act-edit-section = Editar el sector
editor-act-draw-here = Dibujar aquí
editor-draws-here = Se dibuja aquí

editor-nothing-selected = No hay nada seleccionado
editor-nothing-hint = Pulse un bloque, una fila o una zona para cambiarlos, o dibuje algo nuevo con las herramientas de arriba.
editor-part-rows = Filas y butacas
editor-part-shape = Forma
editor-part-place = Posición
editor-part-tables = Mesas
editor-part-row = Fila
editor-part-area = Zona
editor-part-stage = Escenario
editor-part-kind = Tipo de butaca
editor-part-section = Sector
editor-part-pick = Butacas sueltas
editor-label-section = Sector
editor-label-price = Categoría de precio
editor-label-name = Nombre
editor-label-section-price = Categoría de precio si no se indica otra
editor-label-section-rank = Orden
editor-hint-rank = Las mejores butacas se buscan primero en los sectores de orden más bajo.
editor-price-of-section = La del sector
editor-no-price = Ninguna
editor-label-rows = Filas
editor-label-seats = Butacas por fila
editor-label-first-row = Primera fila
editor-label-first = Primer número
editor-label-skip = Omitir I y O
editor-label-labels = Rótulos de las filas
editor-hint-labels = Por ejemplo A-H,J-N o 1-20 o AA-DD
editor-label-numbering = Numeración
editor-numbering-own = La que tiene
editor-numbering-left = 1, 2, 3 desde la izquierda
editor-numbering-right = 1, 2, 3 desde la derecha
editor-numbering-odd = Impares: 1, 3, 5 desde la derecha
editor-numbering-even = Pares: 2, 4, 6 desde la izquierda
editor-numbering-center = Desde el centro: 5, 3, 1, 2, 4, 6
editor-label-growth = Butacas de más por fila
editor-label-curve = Curva
editor-hint-curve = Distancia a su centro; 0 es recta
editor-label-aisles = Pasillo tras la butaca
editor-hint-aisles = Por ejemplo 7, -7; bajo 0 desde la derecha
editor-label-aisle = Ancho del pasillo
editor-label-rowGap = Entre filas
editor-label-seatGap = Entre butacas
editor-label-facing = Orientación °
editor-label-turn = Giro en la curva °
editor-label-wedge = Ángulo °
editor-label-rank = Orden
editor-label-left = Izquierda
editor-label-top = Arriba
editor-label-width = Ancho
editor-label-height = Alto
editor-label-chairs = Sillas por mesa
editor-label-columns = Por línea
editor-label-lines = Líneas
editor-label-prefix = Antes del rótulo
editor-label-gapX = Distancia a lo ancho
editor-label-gapY = Distancia a lo largo
editor-label-radius = Radio
editor-label-tables-labels = Rótulos de las mesas
editor-label-tables-accessible = Mesas con plaza para silla de ruedas
editor-label-row-label = Rótulo
editor-label-capacity = Aforo
editor-label-stage-label = Lo que pone
editor-label-shape = Tipo
editor-label-number = Número
editor-shape-stage = Escenario
editor-shape-screen = Pantalla
editor-shape-pitch = Campo
editor-hint-rows = Las butacas se quedan donde están; después cada fila se puede mover por separado.
editor-colour-of = Color de { $name }
editor-paint-with = Pintar con { $name }
editor-use-brush = Pintar con ella
editor-remove-name = Quitar { $name }
editor-paint-standard = Butaca normal
editor-paint-accessible = Plaza para silla de ruedas
editor-paint-companion = Butaca de acompañante
editor-paint-restricted = Visibilidad reducida
editor-label-color = Color
editor-hint-color = Tiñe la sección en el plano, donde no se distinguen sus butacas.
editor-no-color = Sin color
editor-paint-gap = Sin butaca

editor-no-problems = Todo en orden
editor-problems = { $count ->
    [one] { $count } problema
   *[other] { $count } problemas
}
editor-labels-many = Una lista tiene como máximo { $most } rótulos
editor-labels-strange = Un rótulo tiene de 1 a { $most } caracteres
editor-labels-twice = El rótulo { $label } se repite
editor-labels-range = { $range } no se puede contar: escriba dos números, dos letras o dos letras dobles como AA-DD
editor-fault-section-empty = Un sector no tiene nombre
editor-fault-section-twice = Dos sectores se llaman { $name }
editor-fault-category-empty = Una categoría de precio no tiene nombre
editor-fault-category-twice = Dos categorías de precio se llaman { $name }
editor-fault-no-categories = No hay ninguna categoría de precio
editor-fault-outline = Un contorno necesita de 3 a 500 esquinas
editor-fault-counts = Una fila no tiene butacas o tiene más de 2.000
editor-fault-chairs = Una mesa tiene de 1 a 30 sillas
editor-fault-far = Está demasiado lejos
editor-fault-row-label = Una fila necesita un rótulo de 40 caracteres como máximo
editor-fault-seat-number = Una butaca de la fila { $row } no tiene número o lo tiene demasiado largo
editor-fault-row-empty = Una fila no tiene butacas
editor-fault-area-name = Una zona no tiene nombre
editor-fault-capacity = Una zona admite de 1 a 500.000 personas
editor-fault-area-key = Dos zonas se llaman { $name }
editor-fault-no-section = No está en ningún sector
editor-fault-area-price = { $name } no tiene categoría de precio
editor-fault-price = { $count ->
    [one] { $count } butaca no tiene categoría de precio
   *[other] { $count } butacas no tienen categoría de precio
}
editor-fault-twice = { $section } tiene dos butacas { $row } { $number }
editor-fault-overlap = { $count ->
    [one] { $count } par de butacas se solapa
   *[other] { $count } pares de butacas se solapan
}
editor-fault-nothing = Todavía no hay butacas ni zonas
editor-fault-many = Una sala tiene como máximo { $seats } butacas en { $rows } filas
editor-fault-server = { $field }: { $detail }

editor-state-saved = Guardado
editor-state-changed = Sin guardar
editor-state-saving = Guardando…
editor-name-missing = Dé primero un nombre a la sala.
editor-faults-first = { $count ->
    [one] Antes de guardar hay que corregir un error. Está en la lista de problemas.
   *[other] Antes de guardar hay que corregir { $count } errores. Están en la lista de problemas.
}
editor-refused-faults = { $count ->
    [one] La sala no se guardó porque tiene un error. Está en la lista de problemas.
   *[other] La sala no se guardó porque tiene { $count } errores. Están en la lista de problemas.
}
editor-conflict = Otra persona guardó esta sala mientras usted dibujaba. No se ha perdido nada: elija con cuál se sigue.
editor-conflict-theirs = Cargar la suya; con «Deshacer» vuelve la de usted
editor-conflict-mine = Guardar la mía sobre la suya
editor-conflict-later = Todavía no
editor-theirs-taken = Ve lo que está guardado. Con «Deshacer» vuelve lo que usted había dibujado.
editor-draft-found = Este navegador tiene cambios del { $when } que no se guardaron.
editor-draft-old = Este navegador tiene cambios sin guardar del { $when }, anteriores a que otra persona guardara la sala.
editor-draft-restore = Recuperarlos
editor-draft-discard = Descartarlos
editor-plan-unreadable = Este archivo no es una imagen que el navegador pueda mostrar.

editor-new-hall = Sala nueva
editor-tool-select = Seleccionar y mover
editor-tool-seats = Seleccionar butacas y filas
editor-tool-brush = Pintar
editor-tool-hand = Mover la hoja
editor-tool-block = Bloque de filas
editor-tool-curve = Bloque curvo
editor-tool-row = Fila suelta
editor-tool-tables = Mesas
editor-tool-area = Zona sin butacas
editor-tool-stage = Escenario
editor-heading = Dibujar una sala de { $venue }
editor-name-placeholder = Nombre de la sala
editor-save-key = Ctrl S
editor-tools = Herramientas
editor-undo-tool = Deshacer
editor-redo-tool = Rehacer
editor-grid = Cuadrícula y guías
editor-grid-hint = Cuadrícula y guías (Alt las suelta un momento)
editor-contents = Lo que hay en la sala
editor-sheet = Hoja
editor-brush = Pincel
editor-zoom-in = Acercar
editor-zoom-out = Alejar
editor-fit = Mostrar toda la sala
editor-selected = Lo seleccionado
editor-save = Guardar
editor-categories = Categorías de precio
editor-sections = Sectores
editor-add = Añadir
editor-add-category = Añadir una categoría de precio
editor-add-section = Añadir un sector
editor-add-by-numbers = Añadir con números
editor-add-what = Qué
editor-plan = Plano para calcar
editor-plan-picture = Imagen
editor-plan-stays = Se queda en su navegador.
editor-plan-strength = Intensidad
editor-plan-width = Ancho en butacas
editor-plan-hold = Fijarlo en su sitio
editor-plan-move = Moverlo
editor-plan-remove = Quitarlo
editor-loading = Cargando la sala
editor-brush-on = sobre
editor-brush-seats = butacas
editor-brush-rows = filas
editor-brush-blocks = bloques enteros
editor-brush-breadth = Grosor
editor-problems-heading = Problemas
editor-keys = Lo seleccionado se mueve con las flechas, diez veces más lejos con la tecla Mayús. Supr lo quita, Ctrl D lo duplica. La lista junto a la hoja y el formulario «Añadir con números» hacen lo mismo que dibujar.
editor-noscript = Para dibujar una sala hace falta JavaScript. Sin él, una sala se puede describir con la API; véase «Para desarrolladores».
editor-pretix = Plano de pretix
editor-pretix-open = Abrir un plano
editor-pretix-hint = Se convierte en un paso que se puede deshacer y se guarda con la sala.
editor-pretix-download = Descargar la sala guardada como plano
editor-pretix-no-json = Este archivo no es un plano: no es JSON.
editor-pretix-unreadable = El plano no se puede leer: { $why }
editor-pretix-left-out = { $count ->
    [one] Se omitió una parte del plano: { $what }
   *[other] Se omitieron { $count } partes del plano, entre ellas: { $what }
}
editor-pretix-large = Un plano tiene como máximo { $most } MB.
editor-did-open-plan = abrir un plano

# Where an organizer takes seats of a performance out of sale.
kills-title = Butacas fuera de venta: { $title }
kills-heading = Butacas fuera de venta
kills-sheet-keys = El formulario «Por nombre» selecciona las mismas butacas que el ratón.
kills-map = Plano de la sala
kills-by-names = Por nombre
kills-section = Sector
kills-rows = Filas
kills-rows-hint = Por ejemplo A-C; vacío para todas
kills-seats = Butacas
kills-seats-hint = Por ejemplo 1-4,9; vacío para todas
kills-do-select = Seleccionarlas
kills-clear = No seleccionar ninguna
kills-reason = Motivo, solo para su equipo
kills-kill = Retirar de la venta
kills-revive = Volver a vender
kills-list = Lo que está fuera de venta
kills-none = Todas las butacas están a la venta, reservadas o vendidas.
kills-loading = Cargando las butacas
kills-no-such = Ninguna butaca se llama así.
kills-reason-missing = Indique primero el motivo: su equipo lo preguntará.
kills-label-failed = Estos nombres no valen: { $why }
kills-killed = Fuera de venta
kills-taken = Reservada o vendida
kills-selected = { $count ->
    [one] { $count } butaca seleccionada
   *[other] { $count } butacas seleccionadas
}
kills-of-them = { $free } a la venta, { $killed } fuera de venta, { $taken } reservadas o vendidas
kills-nothing-selected = Seleccione butacas en el plano: arrastre sobre ellas o pulse una. Con la tecla Alt, una fila entera; con la tecla Mayús, más.
kills-done = { $count ->
    [one] { $count } butaca está fuera de venta
   *[other] { $count } butacas están fuera de venta
}
kills-revived = { $count ->
    [one] { $count } butaca está de nuevo a la venta
   *[other] { $count } butacas están de nuevo a la venta
}
kills-taken-meanwhile = Alguien tomó algunas de estas butacas mientras tanto. No se cambió nada; mírelo otra vez.
