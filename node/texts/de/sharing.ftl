site-description = Tickets für Theater, Konzerte, Kino und Sport. Plätze auf dem Saalplan in Echtzeit wählen und bezahlen, was da steht.
venue-description = Programm in { $venue }: Termine, Preise und Plätze.
event-description = Termine, Preise und Plätze für { $event }.
