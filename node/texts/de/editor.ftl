# Where an organizer draws a hall. Scripts say most of it: texts, arguments and counting only.

editor-first-category = Standard
editor-first-section = Parkett
editor-category = Kategorie
editor-section = Bereich
editor-stage = Bühne
editor-standing = Stehplätze
editor-people = { $count ->
    [one] { $count } Person
   *[other] { $count } Personen
}
editor-unnamed = Ohne Namen
editor-automatic = automatisch
editor-several = verschieden
editor-dismiss = Schließen
editor-part-lost = Dieser Teil der Seite ließ sich nicht laden: Die Verbindung ist abgerissen. Versuchen Sie es gleich noch einmal; was Sie gezeichnet haben, ist noch da.

editor-a-block = Reihenblock
editor-a-tables = Tische
editor-a-row = Reihe
editor-a-area = Fläche
editor-a-stage = Bühne
editor-the-block = Reihenblock
editor-the-tables = Tische
editor-the-row = Reihe
editor-the-area = Fläche
editor-the-stage = Bühne
editor-the-section = Bereich
editor-name-block = Reihen { $first } – { $last }
editor-name-row = Reihe { $label }
editor-seat-name = Reihe { $row }, Platz { $number }
editor-things = { $count ->
    [one] { $count } Element
   *[other] { $count } Elemente
}
editor-seats = { $count ->
    [one] { $count } Platz
   *[other] { $count } Plätze
}
editor-capacity = { $count ->
    [one] Für { $count } Person
   *[other] Für { $count } Personen
}
editor-count-block = { $rows } Reihen × { $seats } = { $count }
editor-count-tables = { $tables } Tische, { $count } Plätze
editor-count-row = { $count ->
    [one] { $count } Platz
   *[other] { $count } Plätze
}

editor-undo = Nichts rückgängig zu machen
editor-redo = Nichts zu wiederholen
editor-undo-what = Rückgängig: { $words } (Strg Z)
editor-redo-what = Wiederholen: { $words } (Strg Umschalt Z)
editor-said-undone = Rückgängig gemacht: { $words }
editor-said-redone = Wiederholt: { $words }
editor-said-drawn = { $what } hinzugefügt, { $count } Plätze
editor-said-removed = { $count ->
    [one] { $count } Element entfernt
   *[other] { $count } Elemente entfernt
}
editor-said-copied = { $count ->
    [one] { $count } Element kopiert
   *[other] { $count } Elemente kopiert
}
editor-said-copies = { $count ->
    [one] { $count } Kopie hinzugefügt
   *[other] { $count } Kopien hinzugefügt
}
editor-said-saved = Der Saal ist gespeichert

editor-did-block = Block hinzufügen
editor-did-row = Reihe hinzufügen
editor-did-tables = Tische hinzufügen
editor-did-area = Fläche hinzufügen
editor-did-stage = Bühne zeichnen
editor-did-move = verschieben
editor-did-turn = drehen
editor-did-resize = Größe ändern
editor-did-align = ausrichten
editor-did-distribute = verteilen
editor-did-mirror = spiegeln
editor-did-duplicate = duplizieren
editor-did-paste = einfügen
editor-did-remove = entfernen
editor-did-gaps = Plätze entfernen
editor-did-restore = Plätze zurückholen
editor-did-paint = Preise malen
editor-did-kind = Plätze kennzeichnen
editor-did-change = Feld ändern
editor-did-rows = einzelne Reihen machen
editor-did-straighten = begradigen
editor-did-number = Plätze nummerieren
editor-did-section = Bereich ändern
editor-did-add-section = Bereich hinzufügen
editor-did-remove-section = Bereich entfernen
editor-did-category = Preiskategorie hinzufügen
editor-did-category-change = Preiskategorie ändern
editor-did-category-remove = Preiskategorie entfernen
editor-did-restore-draft = Entwurf wiederherstellen
editor-did-theirs = gespeicherten Saal laden

editor-align = Ausrichten
editor-distribute = Verteilen
editor-change = Ändern
editor-align-left = Linke Kanten ausrichten
editor-align-centre = Mitten waagerecht ausrichten
editor-align-right = Rechte Kanten ausrichten
editor-align-top = Obere Kanten ausrichten
editor-align-middle = Mitten senkrecht ausrichten
editor-align-bottom = Untere Kanten ausrichten
editor-distribute-x = Gleiche Abstände von links nach rechts
editor-distribute-y = Gleiche Abstände von oben nach unten
editor-act-duplicate = Duplizieren; die Beschriftung läuft weiter (Strg D)
editor-act-mirror = Spiegeln
editor-act-turn-left = Um 15° nach links drehen
editor-act-turn-right = Um 15° nach rechts drehen
editor-act-remove = Entfernen (Entf)
editor-act-rows = Einzelne Reihen machen
editor-act-gaps = Entfernte Plätze zurückholen
editor-act-gap = Plätze entfernen
editor-act-straighten = Begradigen
editor-act-select-section = Alles darin auswählen
editor-act-remove-section = Samt Inhalt entfernen
editor-act-edit-section = Bereich bearbeiten
editor-act-draw-here = Hier zeichnen
editor-draws-here = Hier wird gezeichnet

editor-nothing-selected = Nichts ausgewählt
editor-nothing-hint = Klicken Sie auf einen Block, eine Reihe oder eine Fläche, um sie zu ändern, oder zeichnen Sie mit den Werkzeugen oben etwas Neues.
editor-part-rows = Reihen und Plätze
editor-part-shape = Form
editor-part-place = Lage
editor-part-tables = Tische
editor-part-row = Reihe
editor-part-area = Fläche
editor-part-stage = Bühne
editor-part-kind = Art des Platzes
editor-part-section = Bereich
editor-part-pick = Einzelne Plätze
editor-label-section = Bereich
editor-label-price = Preiskategorie
editor-label-name = Name
editor-label-section-price = Preiskategorie, wo nichts anderes steht
editor-label-section-rank = Rang
editor-hint-rank = Die besten Plätze werden zuerst in Bereichen mit niedrigerem Rang gesucht.
editor-price-of-section = Wie der Bereich
editor-no-price = Keine
editor-label-rows = Reihen
editor-label-seats = Plätze je Reihe
editor-label-first-row = Erste Reihe
editor-label-first = Erste Nummer
editor-label-skip = I und O auslassen
editor-label-labels = Beschriftung der Reihen
editor-hint-labels = Etwa A-H,J-N oder 1-20 oder AA-DD
editor-label-numbering = Nummerierung
editor-numbering-own = Wie sie ist
editor-numbering-left = 1, 2, 3 von links
editor-numbering-right = 1, 2, 3 von rechts
editor-numbering-odd = Ungerade: 1, 3, 5 von rechts
editor-numbering-even = Gerade: 2, 4, 6 von links
editor-numbering-center = Von der Mitte: 5, 3, 1, 2, 4, 6
editor-label-growth = Mehr Plätze je Reihe
editor-label-curve = Bogen
editor-hint-curve = Abstand zur Bogenmitte; 0 ist gerade
editor-label-aisles = Gang nach Platz
editor-hint-aisles = Etwa 7, -7; unter 0 von rechts
editor-label-aisle = Breite des Gangs
editor-label-rowGap = Reihenabstand
editor-label-seatGap = Platzabstand
editor-label-facing = Blickrichtung °
editor-label-turn = Drehung im Bogen °
editor-label-wedge = Winkel °
editor-label-rank = Rang
editor-label-left = Links
editor-label-top = Oben
editor-label-width = Breite
editor-label-height = Höhe
editor-label-chairs = Stühle je Tisch
editor-label-columns = Nebeneinander
editor-label-lines = Zeilen
editor-label-prefix = Vor der Beschriftung
editor-label-gapX = Abstand quer
editor-label-gapY = Abstand längs
editor-label-radius = Radius
editor-label-tables-labels = Beschriftung der Tische
editor-label-tables-accessible = Tische mit Rollstuhlplatz
editor-label-row-label = Beschriftung
editor-label-capacity = Für wie viele
editor-label-stage-label = Aufschrift
editor-label-shape = Art
editor-label-number = Nummer
editor-shape-stage = Bühne
editor-shape-screen = Leinwand
editor-shape-pitch = Spielfeld
editor-hint-rows = Die Plätze bleiben, wo sie sind; danach lässt sich jede Reihe für sich verschieben.
editor-colour-of = Farbe von { $name }
editor-paint-with = Mit { $name } malen
editor-use-brush = Damit malen
editor-remove-name = { $name } entfernen
editor-paint-standard = Gewöhnlicher Platz
editor-paint-accessible = Rollstuhlplatz
editor-paint-companion = Platz für Begleitperson
editor-paint-restricted = Sicht eingeschränkt
editor-label-color = Farbe
editor-hint-color = Tönt den Bereich auf dem Saalplan, wo seine Plätze nicht zu unterscheiden sind.
editor-no-color = Keine Farbe
editor-paint-gap = Kein Platz

editor-no-problems = Alles in Ordnung
editor-problems = { $count ->
    [one] { $count } Problem
   *[other] { $count } Probleme
}
editor-labels-many = Eine Liste hat höchstens { $most } Beschriftungen
editor-labels-strange = Eine Beschriftung hat 1 bis { $most } Zeichen
editor-labels-twice = Die Beschriftung { $label } kommt zweimal vor
editor-labels-range = { $range } lässt sich nicht abzählen: Schreiben Sie zwei Zahlen, zwei Buchstaben oder zwei verdoppelte Buchstaben wie AA-DD
editor-fault-section-empty = Ein Bereich hat keinen Namen
editor-fault-section-twice = Zwei Bereiche heißen { $name }
editor-fault-category-empty = Eine Preiskategorie hat keinen Namen
editor-fault-category-twice = Zwei Preiskategorien heißen { $name }
editor-fault-no-categories = Es gibt keine Preiskategorie
editor-fault-outline = Ein Umriss braucht 3 bis 500 Ecken
editor-fault-counts = Eine Reihe hat keine oder mehr als 2.000 Plätze
editor-fault-chairs = Ein Tisch hat 1 bis 30 Stühle
editor-fault-far = Es steht zu weit weg
editor-fault-row-label = Eine Reihe braucht eine Beschriftung mit höchstens 40 Zeichen
editor-fault-seat-number = Ein Platz in Reihe { $row } hat keine oder eine zu lange Nummer
editor-fault-row-empty = Eine Reihe hat keine Plätze
editor-fault-area-name = Eine Fläche hat keinen Namen
editor-fault-capacity = Eine Fläche fasst 1 bis 500.000 Personen
editor-fault-area-key = Zwei Flächen heißen { $name }
editor-fault-no-section = Es steht in keinem Bereich
editor-fault-area-price = { $name } hat keine Preiskategorie
editor-fault-price = { $count ->
    [one] { $count } Platz hat keine Preiskategorie
   *[other] { $count } Plätze haben keine Preiskategorie
}
editor-fault-twice = { $section } hat zwei Plätze { $row } { $number }
editor-fault-overlap = { $count ->
    [one] { $count } Paar Plätze überlappt sich
   *[other] { $count } Paare von Plätzen überlappen sich
}
editor-fault-nothing = Es gibt noch keinen Platz und keine Fläche
editor-fault-many = Ein Saal hat höchstens { $seats } Plätze in { $rows } Reihen
editor-fault-server = { $field }: { $detail }

editor-state-saved = Gespeichert
editor-state-changed = Nicht gespeichert
editor-state-saving = Wird gespeichert …
editor-name-missing = Geben Sie dem Saal zuerst einen Namen.
editor-faults-first = { $count ->
    [one] Vor dem Speichern ist noch ein Fehler zu beheben. Er steht in der Liste der Probleme.
   *[other] Vor dem Speichern sind noch { $count } Fehler zu beheben. Sie stehen in der Liste der Probleme.
}
editor-refused-faults = { $count ->
    [one] Der Saal wurde nicht gespeichert, denn er hat einen Fehler. Er steht in der Liste der Probleme.
   *[other] Der Saal wurde nicht gespeichert, denn er hat { $count } Fehler. Sie stehen in der Liste der Probleme.
}
editor-conflict = Jemand anderes hat diesen Saal gespeichert, während Sie gezeichnet haben. Nichts ist verloren: Wählen Sie, womit es weitergeht.
editor-conflict-theirs = Deren Stand laden; „Rückgängig“ bringt Ihren zurück
editor-conflict-mine = Deren Stand mit meinem überschreiben
editor-conflict-later = Noch nicht
editor-theirs-taken = Sie sehen den gespeicherten Stand. „Rückgängig“ bringt zurück, was Sie gezeichnet hatten.
editor-draft-found = Dieser Browser hat Änderungen vom { $when }, die nicht gespeichert wurden.
editor-draft-old = Dieser Browser hat ungespeicherte Änderungen vom { $when }. Seitdem hat jemand anderes den Saal gespeichert.
editor-draft-restore = Wiederherstellen
editor-draft-discard = Verwerfen
editor-plan-unreadable = Diese Datei ist kein Bild, das der Browser zeigen kann.

editor-new-hall = Neuer Saal
editor-tool-select = Auswählen und verschieben
editor-tool-seats = Plätze und Reihen auswählen
editor-tool-brush = Malen
editor-tool-hand = Blatt verschieben
editor-tool-block = Reihenblock
editor-tool-curve = Gebogener Block
editor-tool-row = Einzelne Reihe
editor-tool-tables = Tische
editor-tool-area = Fläche ohne Plätze
editor-tool-stage = Bühne
editor-heading = Einen Saal zeichnen: { $venue }
editor-name-placeholder = Name des Saals
editor-save-key = Strg S
editor-tools = Werkzeuge
editor-undo-tool = Rückgängig
editor-redo-tool = Wiederholen
editor-grid = Raster und Hilfslinien
editor-grid-hint = Raster und Hilfslinien (Alt löst sie für den Moment)
editor-contents = Was im Saal ist
editor-sheet = Blatt
editor-brush = Pinsel
editor-zoom-in = Vergrößern
editor-zoom-out = Verkleinern
editor-fit = Den ganzen Saal zeigen
editor-selected = Was ausgewählt ist
editor-save = Speichern
editor-categories = Preiskategorien
editor-sections = Bereiche
editor-add = Neu
editor-add-category = Preiskategorie hinzufügen
editor-add-section = Bereich hinzufügen
editor-add-by-numbers = Mit Zahlen hinzufügen
editor-add-what = Was
editor-plan = Plan zum Abzeichnen
editor-plan-picture = Bild
editor-plan-stays = Es bleibt in Ihrem Browser.
editor-plan-strength = Stärke
editor-plan-width = Breite in Plätzen
editor-plan-hold = Festhalten
editor-plan-move = Verschieben
editor-plan-remove = Wegnehmen
editor-loading = Der Saal wird geladen
editor-brush-on = auf
editor-brush-seats = Plätze
editor-brush-rows = Reihen
editor-brush-blocks = ganze Blöcke
editor-brush-breadth = Breite
editor-problems-heading = Probleme
editor-keys = Ausgewähltes verschieben Sie mit den Pfeiltasten, mit der Umschalttaste zehnmal so weit. Entf entfernt es, Strg D dupliziert es. Die Liste neben dem Blatt und das Formular „Mit Zahlen hinzufügen“ leisten dasselbe wie das Zeichnen.
editor-noscript = Um einen Saal zu zeichnen, braucht es JavaScript. Ohne JavaScript lässt sich ein Saal über die Schnittstelle beschreiben; siehe „Für Entwickler“.
editor-pretix = Plan von pretix
editor-pretix-open = Sitzplan öffnen
editor-pretix-hint = Er wird ein Schritt, der sich rückgängig machen lässt, und wird mit dem Saal gespeichert.
editor-pretix-download = Den gespeicherten Saal als Plan herunterladen
editor-pretix-no-json = Diese Datei ist kein Sitzplan, denn sie ist kein JSON.
editor-pretix-unreadable = Der Plan lässt sich nicht lesen: { $why }
editor-pretix-left-out = { $count ->
    [one] Ein Teil des Plans wurde ausgelassen: { $what }
   *[other] { $count } Teile des Plans wurden ausgelassen, darunter: { $what }
}
editor-pretix-large = Ein Plan hat höchstens { $most } MB.
editor-did-open-plan = Plan öffnen

# Where an organizer takes seats of a performance out of sale.
kills-title = Gesperrte Plätze: { $title }
kills-heading = Gesperrte Plätze
kills-sheet-keys = Das Formular „Nach Namen“ wählt dieselben Plätze aus wie die Maus.
kills-map = Saalplan
kills-by-names = Nach Namen
kills-section = Bereich
kills-rows = Reihen
kills-rows-hint = Etwa A-C; leer für alle
kills-seats = Plätze
kills-seats-hint = Etwa 1-4,9; leer für alle
kills-do-select = Auswählen
kills-clear = Keine auswählen
kills-reason = Grund, nur für Ihr Haus
kills-kill = Sperren
kills-revive = Wieder verkaufen
kills-list = Was gesperrt ist
kills-none = Alle Plätze sind im Verkauf, reserviert oder verkauft.
kills-loading = Die Plätze werden geladen
kills-no-such = Kein Platz heißt so.
kills-reason-missing = Nennen Sie zuerst den Grund: Ihr Haus wird danach fragen.
kills-label-failed = Das sind keine Namen: { $why }
kills-killed = Gesperrt
kills-taken = Reserviert oder verkauft
kills-selected = { $count ->
    [one] { $count } Platz ausgewählt
   *[other] { $count } Plätze ausgewählt
}
kills-of-them = { $free } im Verkauf, { $killed } gesperrt, { $taken } reserviert oder verkauft
kills-nothing-selected = Wählen Sie Plätze im Saalplan aus: Ziehen Sie darüber oder klicken Sie auf einen. Mit der Alt-Taste wird es eine ganze Reihe, mit der Umschalttaste werden es mehr.
kills-done = { $count ->
    [one] { $count } Platz ist gesperrt
   *[other] { $count } Plätze sind gesperrt
}
kills-revived = { $count ->
    [one] { $count } Platz ist wieder im Verkauf
   *[other] { $count } Plätze sind wieder im Verkauf
}
kills-taken-meanwhile = Einige dieser Plätze hat inzwischen jemand genommen. Es wurde nichts geändert; sehen Sie noch einmal nach.
