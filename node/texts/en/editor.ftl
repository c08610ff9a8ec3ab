# Where an organizer draws a hall. Scripts say most of it: texts, arguments and counting only.

editor-first-category = Standard
editor-first-section = Stalls
editor-category = Category
editor-section = Section
editor-stage = Stage
editor-standing = Standing
editor-people = { $count ->
    [one] { $count } person
   *[other] { $count } people
}
editor-unnamed = Unnamed
editor-automatic = automatic
editor-several = several
editor-dismiss = Dismiss
editor-part-lost = This part of the page could not be fetched: the connection broke. Try again in a moment; what you have drawn is still here.

editor-a-block = Block
editor-a-tables = Tables
editor-a-row = Row
editor-a-area = Area
editor-a-stage = Stage
editor-the-block = Block of rows
editor-the-tables = Tables
editor-the-row = Row
editor-the-area = Area
editor-the-stage = Stage
editor-the-section = Section
editor-name-block = Rows { $first } – { $last }
editor-name-row = Row { $label }
editor-seat-name = Row { $row }, seat { $number }
editor-things = { $count ->
    [one] { $count } thing
   *[other] { $count } things
}
editor-seats = { $count ->
    [one] { $count } seat
   *[other] { $count } seats
}
editor-capacity = { $count ->
    [one] Admits { $count } person
   *[other] Admits { $count } people
}
editor-count-block = { $rows } rows × { $seats } = { $count }
editor-count-tables = { $tables } tables, { $count } seats
editor-count-row = { $count ->
    [one] { $count } seat
   *[other] { $count } seats
}

editor-undo = Nothing to undo
editor-redo = Nothing to redo
editor-undo-what = Undo: { $words } (Ctrl Z)
editor-redo-what = Redo: { $words } (Ctrl Shift Z)
editor-said-undone = Undone: { $words }
editor-said-redone = Redone: { $words }
editor-said-drawn = { $what } added, { $count } places
editor-said-removed = { $count ->
    [one] { $count } thing removed
   *[other] { $count } things removed
}
editor-said-copied = { $count ->
    [one] { $count } thing copied
   *[other] { $count } things copied
}
editor-said-copies = { $count ->
    [one] { $count } copy added
   *[other] { $count } copies added
}
editor-said-saved = The hall is saved

editor-did-block = add a block
editor-did-row = add a row
editor-did-tables = add tables
editor-did-area = add an area
editor-did-stage = draw the stage
editor-did-move = move
editor-did-turn = turn
editor-did-resize = change the size
editor-did-align = align
editor-did-distribute = distribute
editor-did-mirror = mirror
editor-did-duplicate = duplicate
editor-did-paste = paste
editor-did-remove = remove
editor-did-gaps = remove seats
editor-did-restore = put seats back
editor-did-paint = paint prices
editor-did-kind = mark seats
editor-did-change = change a field
editor-did-rows = make single rows
editor-did-straighten = straighten
editor-did-number = number seats
editor-did-section = change the section
editor-did-add-section = add a section
editor-did-remove-section = remove the section
editor-did-category = add a price category
editor-did-category-change = change the price category
editor-did-category-remove = remove the price category
editor-did-restore-draft = restore the draft
editor-did-theirs = load the saved hall

editor-align = Align
editor-distribute = Distribute
editor-change = Change
editor-align-left = Align left edges
editor-align-centre = Align middles, left to right
editor-align-right = Align right edges
editor-align-top = Align upper edges
editor-align-middle = Align middles, top to bottom
editor-align-bottom = Align lower edges
editor-distribute-x = Equal gaps from left to right
editor-distribute-y = Equal gaps from top to bottom
editor-act-duplicate = Duplicate; labels go on (Ctrl D)
editor-act-mirror = Mirror
editor-act-turn-left = Turn left by 15°
editor-act-turn-right = Turn right by 15°
editor-act-remove = Remove (Delete)
editor-act-rows = Make single rows
editor-act-gaps = Put removed seats back
editor-act-gap = Remove seats
editor-act-straighten = Straighten
editor-act-select-section = Select all in it
editor-act-remove-section = Remove with all in it
editor-act-edit-section = Edit section
editor-act-draw-here = Draw here
editor-draws-here = You draw here

editor-nothing-selected = Nothing is selected
editor-nothing-hint = Press a block, row or area to change it, or draw a new one with the tools above.
editor-part-rows = Rows and seats
editor-part-shape = Shape
editor-part-place = Place
editor-part-tables = Tables
editor-part-row = Row
editor-part-area = Area
editor-part-stage = Stage
editor-part-kind = Kind of seat
editor-part-section = Section
editor-part-pick = Single seats
editor-label-section = Section
editor-label-price = Price category
editor-label-name = Name
editor-label-section-price = Price category of what says nothing else
editor-label-section-rank = Rank
editor-hint-rank = The best seats are looked for in sections of a lower rank first.
editor-price-of-section = As the section
editor-no-price = None
editor-label-rows = Rows
editor-label-seats = Seats per row
editor-label-first-row = First row
editor-label-first = First number
editor-label-skip = Leave out I and O
editor-label-labels = Row labels
editor-hint-labels = As A-H,J-N or 1-20 or AA-DD
editor-label-numbering = Numbering
editor-numbering-own = As it is
editor-numbering-left = 1, 2, 3 from the left
editor-numbering-right = 1, 2, 3 from the right
editor-numbering-odd = Odd: 1, 3, 5 from the right
editor-numbering-even = Even: 2, 4, 6 from the left
editor-numbering-center = From the centre: 5, 3, 1, 2, 4, 6
editor-label-growth = More seats per row
editor-label-curve = Curve
editor-hint-curve = Distance to its centre; 0 is straight
editor-label-aisles = Aisle after seat
editor-hint-aisles = As 7, -7; from the right below 0
editor-label-aisle = Aisle width
editor-label-rowGap = Row gap
editor-label-seatGap = Seat gap
editor-label-facing = Facing °
editor-label-turn = Turn on the curve °
editor-label-wedge = Angle °
editor-label-rank = Rank
editor-label-left = Left
editor-label-top = Top
editor-label-width = Width
editor-label-height = Height
editor-label-chairs = Chairs each
editor-label-columns = Side by side
editor-label-lines = Lines
editor-label-prefix = In front of the label
editor-label-gapX = Gap across
editor-label-gapY = Gap down
editor-label-radius = Radius
editor-label-tables-labels = Table labels
editor-label-tables-accessible = Tables with a wheelchair space
editor-label-row-label = Label
editor-label-capacity = Admits
editor-label-stage-label = What is written on it
editor-label-shape = Kind
editor-label-number = Number
editor-shape-stage = Stage
editor-shape-screen = Screen
editor-shape-pitch = Pitch
editor-hint-rows = The seats stay where they are; each row can then be moved and bent by itself.
editor-colour-of = Colour of { $name }
editor-paint-with = Paint with { $name }
editor-use-brush = Paint with it
editor-remove-name = Remove { $name }
editor-paint-standard = Ordinary seat
editor-paint-accessible = Wheelchair space
editor-paint-companion = Companion seat
editor-paint-restricted = Restricted view
editor-label-color = Colour
editor-hint-color = Tints the section on the map, where its seats cannot be told apart.
editor-no-color = No colour
editor-paint-gap = No seat

editor-no-problems = Nothing is wrong
editor-problems = { $count ->
    [one] { $count } problem
   *[other] { $count } problems
}
editor-labels-many = A list has at most { $most } labels
editor-labels-strange = A label has 1 to { $most } characters
editor-labels-twice = The label { $label } comes twice
editor-labels-range = { $range } is no range: write two numbers, two letters, or two doubled letters as in AA-DD
editor-fault-section-empty = A section has no name
editor-fault-section-twice = Two sections are called { $name }
editor-fault-category-empty = A price category has no name
editor-fault-category-twice = Two price categories are called { $name }
editor-fault-no-categories = There is no price category
editor-fault-outline = An outline needs 3 to 500 corners
editor-fault-counts = A row has no seats, or more than 2,000
editor-fault-chairs = A table has 1 to 30 chairs
editor-fault-far = It stands too far away
editor-fault-row-label = A row needs a label of up to 40 characters
editor-fault-seat-number = A seat of row { $row } has no number, or too long a one
editor-fault-row-empty = A row has no seats
editor-fault-area-name = An area has no name
editor-fault-capacity = An area admits 1 to 500,000 people
editor-fault-area-key = Two areas are called { $name }
editor-fault-no-section = It stands in no section
editor-fault-area-price = { $name } has no price category
editor-fault-price = { $count ->
    [one] { $count } seat has no price category
   *[other] { $count } seats have no price category
}
editor-fault-twice = { $section } has two seats { $row } { $number }
editor-fault-overlap = { $count ->
    [one] { $count } pair of seats overlaps
   *[other] { $count } pairs of seats overlap
}
editor-fault-nothing = There is no seat and no area yet
editor-fault-many = A hall has at most { $seats } seats in { $rows } rows
editor-fault-server = { $field }: { $detail }

editor-state-saved = Saved
editor-state-changed = Not saved
editor-state-saving = Saving…
editor-name-missing = Give the hall a name first.
editor-faults-first = { $count ->
    [one] One thing must be put right before the hall can be saved. It is in the list of problems.
   *[other] { $count } things must be put right before the hall can be saved. They are in the list of problems.
}
editor-refused-faults = { $count ->
    [one] The hall was not saved: one thing is wrong with it. It is in the list of problems.
   *[other] The hall was not saved: { $count } things are wrong with it. They are in the list of problems.
}
editor-conflict = Somebody else saved this hall while you were drawing. Nothing is lost: choose which of the two goes on.
editor-conflict-theirs = Load theirs; undo brings yours back
editor-conflict-mine = Save mine over theirs
editor-conflict-later = Not yet
editor-theirs-taken = You see what is saved. Undo brings back what you had drawn.
editor-draft-found = This browser has changes of { $when } that were not saved.
editor-draft-old = This browser has unsaved changes of { $when }, made before the hall was saved by somebody else.
editor-draft-restore = Restore them
editor-draft-discard = Discard them
editor-plan-unreadable = This file is no picture that the browser can show.

editor-new-hall = New hall
editor-tool-select = Select and move
editor-tool-seats = Select seats and rows
editor-tool-brush = Paint
editor-tool-hand = Move the sheet
editor-tool-block = Block of rows
editor-tool-curve = Curved block
editor-tool-row = Single row
editor-tool-tables = Tables
editor-tool-area = Area without seats
editor-tool-stage = Stage
editor-heading = Draw a hall of { $venue }
editor-name-placeholder = Name of the hall
editor-save-key = Ctrl S
editor-tools = Tools
editor-undo-tool = Undo
editor-redo-tool = Redo
editor-grid = Grid and guides
editor-grid-hint = Grid and guides (Alt lets go for a moment)
editor-contents = What is in the hall
editor-sheet = Sheet
editor-brush = Brush
editor-zoom-in = Zoom in
editor-zoom-out = Zoom out
editor-fit = Show the whole hall
editor-selected = What is selected
editor-save = Save
editor-categories = Price categories
editor-sections = Sections
editor-add = Add
editor-add-category = Add a price category
editor-add-section = Add a section
editor-add-by-numbers = Add by numbers
editor-add-what = What
editor-plan = Plan to draw over
editor-plan-picture = Picture
editor-plan-stays = It stays in your browser.
editor-plan-strength = Strength
editor-plan-width = Width in seats
editor-plan-hold = Hold it in its place
editor-plan-move = Move it
editor-plan-remove = Take it away
editor-loading = Loading the hall
editor-brush-on = on
editor-brush-seats = seats
editor-brush-rows = rows
editor-brush-blocks = whole blocks
editor-brush-breadth = Breadth
editor-problems-heading = Problems
editor-keys = What is selected is moved by the arrow keys, ten times as far with the shift key. Delete removes it, Control D duplicates it. The list beside the sheet and the form “Add by numbers” do the same as drawing.
editor-noscript = Drawing a hall needs JavaScript. Without it, a hall can be written down by the API; see “For developers”.
editor-pretix = Plan of pretix
editor-pretix-open = Open a seating plan
editor-pretix-hint = It becomes a step that can be undone, and is saved when you save.
editor-pretix-download = Download the saved hall as a plan
editor-pretix-no-json = This file is no seating plan: it is no JSON.
editor-pretix-unreadable = The plan cannot be read: { $why }
editor-pretix-left-out = { $count ->
    [one] One thing of the plan was left out: { $what }
   *[other] { $count } things of the plan were left out, among them: { $what }
}
editor-pretix-large = A plan has at most { $most } MB.
editor-did-open-plan = open a plan

# Where an organizer takes seats of a performance out of sale.
kills-title = Seats out of sale: { $title }
kills-heading = Seats out of sale
kills-sheet-keys = The form “By names” selects the same seats as pointing.
kills-map = Seat map
kills-by-names = By names
kills-section = Section
kills-rows = Rows
kills-rows-hint = As A-C; empty for all
kills-seats = Seats
kills-seats-hint = As 1-4,9; empty for all
kills-do-select = Select them
kills-clear = Select none
kills-reason = Why, for your own people
kills-kill = Take out of sale
kills-revive = Put back on sale
kills-list = What is out of sale
kills-none = Every seat is on sale, held or sold.
kills-loading = Loading the seats
kills-no-such = No seat has these names.
kills-reason-missing = Say why first: your people will ask.
kills-label-failed = These are no names: { $why }
kills-killed = Out of sale
kills-taken = Held or sold
kills-selected = { $count ->
    [one] { $count } seat selected
   *[other] { $count } seats selected
}
kills-of-them = { $free } on sale, { $killed } out of sale, { $taken } held or sold
kills-nothing-selected = Select seats on the map: drag over them, or press one. With the Alt key a whole row, with the Shift key more.
kills-done = { $count ->
    [one] { $count } seat is out of sale
   *[other] { $count } seats are out of sale
}
kills-revived = { $count ->
    [one] { $count } seat is back on sale
   *[other] { $count } seats are back on sale
}
kills-taken-meanwhile = Somebody took some of these seats meanwhile. Nothing was changed; look again.
