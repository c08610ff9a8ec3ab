//! The words that names are made of.

use std::sync::LazyLock;

/// Words that commas part.
pub(super) type Words = LazyLock<Vec<&'static str>>;

fn parted(words: &'static str) -> Vec<&'static str> {
    words.split(',').map(str::trim).collect()
}

pub(super) static ADJECTIVES: Words = LazyLock::new(|| {
    parted(
        "Amber, Ancient, Arctic, Autumn, Bitter, Blazing, Blue, Borrowed, Brave, Bright, Broken, Burning, \
     Careless, Celestial, Copper, Crimson, Crooked, Crystal, Curious, Dancing, Daring, Dark, Deep, Distant, \
     Dreaming, Drowned, Dusty, Early, Eastern, Electric, Emerald, Endless, Eternal, Fading, Faithful, Fallen, \
     Fearless, Fleeting, Flying, Forbidden, Forgotten, Frozen, Gentle, Ghostly, Gilded, Glass, Golden, Grand, \
     Green, Grey, Haunted, Hidden, Hollow, Honest, Hungry, Idle, Infinite, Invisible, Iron, Ivory, Jade, \
     Jealous, Last, Laughing, Little, Lonely, Lost, Lucky, Lunar, Magic, Marble, Mechanical, Merry, Midnight, \
     Missing, Modern, Moonlit, Mute, Naked, Narrow, Nervous, Northern, Obedient, Odd, Open, Pale, Paper, \
     Patient, Perfect, Phantom, Plastic, Polite, Proud, Quiet, Radiant, Reckless, Red, Restless, Rising, \
     Roaring, Royal, Rusty, Sacred, Salty, Scarlet, Second, Secret, Shattered, Silent, Silver, Sleeping, \
     Slow, Solar, Southern, Stolen, Stubborn, Sudden, Sunken, Sweet, Tender, Thirsty, Tin, Tiny, Twisted, \
     Unwritten, Velvet, Violent, Wandering, Western, White, Wicked, Wild, Winter, Wooden, Yellow, Young",
    )
});

pub(super) static NOUNS: Words = LazyLock::new(|| {
    parted(
        "Affair, Anchor, Angel, Apple, Archer, Ballroom, Bandit, Basement, Beacon, Bell, Bird, Boulevard, Bridge, \
     Brother, Butterfly, Café, Candle, Captain, Carnival, Castle, Cathedral, Cavern, Chapel, Cherry, Circle, \
     City, Cloud, Clown, Coast, Comet, Compass, Corner, Country, Coyote, Crane, Crossing, Crown, Curtain, \
     Cypress, Dagger, Daughter, Dawn, Desert, Detective, Diamond, Diary, Doctor, Dragon, Dream, Eagle, Echo, \
     Elephant, Elevator, Emperor, Empire, Engine, Equation, Escape, Evening, Falcon, Family, Farewell, \
     Feather, Fever, Fiddler, Field, Fire, Fisherman, Flame, Forest, Fortune, Fountain, Fox, Frontier, \
     Galaxy, Gambler, Garden, Gardener, Ghost, Giant, Glacier, Guest, Guitar, Harbor, Harvest, Heart, Heaven, \
     Heir, Highway, Holiday, Horizon, Horse, Hotel, Hour, House, Hunter, Hurricane, Illusion, Inheritance, \
     Island, Journey, Judge, Jungle, Juniper, Kettle, Kingdom, Kitchen, Labyrinth, Ladder, Lagoon, Lantern, \
     Letter, Library, Lighthouse, Lion, Lover, Machine, Magnolia, Maiden, Map, Mask, Meadow, Memory, \
     Merchant, Mermaid, Messenger, Mirror, Monsoon, Moon, Morning, Mountain, Museum, Needle, Neighbor, Night, \
     Nightingale, Ocean, Oracle, Orchard, Orphan, Palace, Parade, Passenger, Phoenix, Piano, Pilgrim, Pilot, \
     Planet, Poet, Prairie, Prince, Prisoner, Promise, Proposal, Puppet, Queen, Rabbit, Railway, Rain, Raven, \
     Rebel, Reunion, River, Road, Robin, Rooftop, Rose, Sailor, Scarecrow, School, Secret, Serpent, Shadow, \
     Shepherd, Ship, Shore, Signal, Sister, Sky, Snow, Soldier, Song, Sparrow, Spring, Stairs, Star, Station, \
     Storm, Stranger, Street, Summer, Sun, Swan, Teacher, Thief, Thunder, Tiger, Tower, Train, Treasure, \
     Tunnel, Umbrella, Valley, Village, Violin, Visitor, Voyage, Waltz, Watchmaker, Waterfall, Wedding, \
     Whale, Whisper, Widow, Willow, Window, Wolf, Wonder, Zeppelin",
    )
});

pub(super) static FIRST_NAMES: Words = LazyLock::new(|| {
    parted(
        "Aaliyah, Aaron, Adele, Adriana, Aiko, Alejandro, Alice, Amara, Amir, Anaïs, Andre, Anita, Anthony, \
     Antonio, Asha, Beatriz, Ben, Björn, Bruno, Camila, Carl, Carmen, Carolina, Cecilia, Charles, Chen, \
     Chloé, Clara, Claude, Dakota, Daniel, David, Deborah, Diego, Dmitri, Dorothy, Edgar, Eduardo, Elena, \
     Eli, Elif, Eliza, Emeka, Emily, Emma, Enrique, Erik, Esther, Ethan, Eva, Fatima, Felix, Fiona, \
     Francesca, Frank, Gabriel, George, Gloria, Grace, Gustavo, Hana, Hannah, Hassan, Hazel, Helen, Henry, \
     Hiroshi, Hugo, Ibrahim, Ines, Ingrid, Isaac, Isabel, Ivan, Jackie, Jacob, Jamal, James, Jasmine, Javier, \
     Jean, Jonas, Jorge, José, Josephine, Julia, Kai, Karen, Kenji, Keiko, Kofi, Lara, Latoya, Laura, Leila, \
     Leo, Leonardo, Liam, Lin, Lucia, Lucy, Luis, Maggie, Malik, Manuel, Marcus, Margaret, Maria, Marta, \
     Martin, Maya, Mei, Michael, Miguel, Mila, Miriam, Mohammed, Monica, Nadia, Naomi, Natasha, Nia, Nicolas, \
     Nina, Noah, Nora, Olga, Oliver, Olivia, Omar, Oscar, Pablo, Patricia, Paul, Pedro, Penelope, Peter, \
     Priya, Quincy, Rachel, Rafael, Raj, Ramona, Ravi, Rebecca, Renée, Ricardo, Robert, Rosa, Ruth, Ryan, \
     Salma, Samuel, Sandra, Sara, Sean, Sebastian, Selma, Sergio, Simone, Sofia, Stella, Stephen, Suki, Sven, \
     Tamar, Tara, Teresa, Theo, Thomas, Tomás, Uma, Valentina, Vera, Victor, Viola, Walter, Wei, William, \
     Xavier, Yara, Yasmin, Yuki, Yusuf, Zadie, Zoë",
    )
});

pub(super) static LAST_NAMES: Words = LazyLock::new(|| {
    parted(
        "Abbott, Abe, Achebe, Adams, Aguilar, Ahmed, Alvarez, Anderson, Andrews, Armstrong, Ashford, Bailey, \
     Baker, Baldwin, Banerjee, Barnes, Bauer, Beaumont, Becker, Bell, Bennett, Bergman, Berry, Bianchi, \
     Blackwood, Blake, Bonnet, Bradley, Brooks, Brown, Bryant, Burke, Burns, Byrne, Cabrera, Caldwell, \
     Calloway, Campbell, Cardoso, Carlson, Carter, Castillo, Chan, Chandler, Chang, Chavez, Chen, Cho, Clark, \
     Cohen, Coleman, Collins, Cooper, Cortez, Costa, Crawford, Cruz, Cunningham, Dalton, Daniels, Das, Davis, \
     Delgado, Diaz, Dixon, Dubois, Duncan, Eastwood, Edwards, Eliasson, Ellis, Espinoza, Evans, Farrell, \
     Ferguson, Fernandez, Fischer, Fitzgerald, Flores, Fontaine, Foster, Fraser, Freeman, Fujimoto, \
     Gallagher, Garcia, Gardner, Gibson, Gomez, González, Graham, Grant, Greene, Griffin, Gupta, Gutierrez, \
     Haddad, Hale, Hamilton, Hansen, Harper, Harris, Hayashi, Hayes, Henderson, Hernandez, Hoffman, Holloway, \
     Howard, Huang, Hughes, Hussein, Ibarra, Ingram, Ivanov, Jackson, Jensen, Johansson, Johnson, Jones, \
     Jordan, Kapoor, Kaufman, Keller, Kennedy, Khan, Kim, King, Klein, Kovács, Kowalski, Kumar, Lambert, \
     Larsen, Laurent, Lee, Lewis, Lindqvist, Lopez, Lucas, MacDonald, Maldonado, Marino, Marsh, Martinez, \
     Mason, Matsuda, McCarthy, McCoy, McLaughlin, Medina, Mehta, Mendoza, Meyer, Miller, Mitchell, \
     Montgomery, Moore, Morales, Moreau, Morgan, Moretti, Müller, Murphy, Murray, Nakamura, Navarro, Nelson, \
     Nguyen, Nielsen, Novak, O'Brien, O'Neill, Okafor, Oliveira, Olsen, Ortiz, Osei, Palmer, Park, Parker, \
     Patel, Pereira, Perez, Perry, Petrov, Phillips, Porter, Powell, Price, Quinn, Ramirez, Ramos, Reed, \
     Reyes, Reynolds, Ricci, Richardson, Rivera, Roberts, Robinson, Rodriguez, Rojas, Romano, Rosenberg, \
     Ross, Rossi, Rousseau, Russell, Salazar, Sanchez, Sanders, Santos, Sato, Schmidt, Schneider, Scott, \
     Sharma, Shaw, Silva, Simmons, Singh, Sinclair, Smith, Sokolov, Soto, Stewart, Sullivan, Suzuki, \
     Svensson, Takahashi, Tanaka, Taylor, Thompson, Torres, Tran, Turner, Underwood, Valdez, Vance, Vargas, \
     Vasquez, Walker, Wallace, Wang, Ward, Washington, Watanabe, Watson, Weaver, Weber, Wells, White, \
     Williams, Wilson, Wong, Wood, Wright, Yamamoto, Yang, Young, Zhang, Zimmerman",
    )
});

pub(super) static VENUE_NAMES: Words = LazyLock::new(|| {
    parted(
        "Academy, Alhambra, Apollo, Arcadia, Aurora, Avalon, Beacon, Bijou, Broadway, Capitol, Century, Coliseum, \
     Commodore, Coronet, Crescent, Criterion, Crown, Eagle, Egyptian, El Dorado, Elks, Embassy, Empire, \
     Esquire, Fox, Galaxy, Garden, Gem, Globe, Grand, Granada, Hippodrome, Imperial, Iris, Knickerbocker, \
     Liberty, Lincoln, Luna, Lyceum, Lyric, Majestic, Mayfair, Memorial, Metro, Mission, Moonlight, National, \
     Olympia, Orpheum, Palace, Palomar, Pantages, Paramount, Park, Pioneer, Plaza, Princess, Regal, Regent, \
     Rialto, Ritz, Riverside, Rivoli, Rosebud, Roxy, Royal, Savoy, Senator, Star, State, Strand, Temple, \
     Tivoli, Tower, Union, Uptown, Variety, Victoria, Vogue, Warner, Westgate, Windsor, Ziegfeld",
    )
});

pub(super) static SENTENCE_BEGINNINGS: Words = LazyLock::new(|| {
    parted(
        "A story of, An evening of, A journey into, A celebration of, A fresh look at, The tale of, Nothing \
     prepares you for, Critics were moved by, Audiences everywhere love, Rediscover, Come for, A hymn to, Two \
     hours of, The long awaited return of, An unlikely friendship leads to, At the heart of it is",
    )
});

pub(super) static SENTENCE_ENDS: Words = LazyLock::new(|| {
    parted(
        "told with humor and heart, for the whole family, that nobody will forget, with a cast of twenty, as it \
     has never been seen, in a small town by the sea, between love and duty, with live musicians on stage, \
     that changed a generation, at the end of a long war, in the city that never sleeps, before the snow \
     melts, against all odds, and of those who stayed behind, with songs from five decades, on the eve of a \
     revolution",
    )
});
