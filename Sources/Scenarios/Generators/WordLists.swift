/// Words that generated names and texts are made of.
enum WordLists {
    static let firstNames = [
        "Ada", "Alan", "Amara", "Anil", "Barbara", "Carlos", "Chen", "Dana", "Edsger", "Elena", "Fatima", "Grace",
        "Hedy", "Ines", "Ivan", "Jamal", "Jiro", "Katherine", "Kwame", "Lena", "Leslie", "Linus", "Mai", "Margaret",
        "Mateo", "Nadia", "Niklaus", "Olga", "Omar", "Priya", "Radia", "Ravi", "Rosa", "Sofia", "Tariq", "Tove",
        "Wei", "Yara", "Yusuf", "Zoë",
    ]
    static let lastNames = [
        "Adeyemi", "Andersson", "Bauer", "Becker", "Borges", "Chandra", "Costa", "Dijkman", "Dubois", "Farouk",
        "Fischer", "García", "Haddad", "Hansen", "Hopper", "Ito", "Jensen", "Johnson", "Kaya", "Kim", "Kowalska",
        "Lamarr", "Larsen", "Lovell", "Mbeki", "Mendes", "Müller", "Nakamura", "Novak", "O'Brien", "Okafor", "Patel",
        "Perlmann", "Rossi", "Santos", "Silva", "Smith", "Tanaka", "Ward", "Zhang",
    ]
    /// The most frequent first: texts take them by Zipf's law, as languages do.
    static let words = [
        "the", "of", "and", "to", "a", "in", "is", "it", "for", "was", "on", "with", "as", "at", "by", "from", "this",
        "that", "day", "time", "people", "year", "house", "water", "light", "road", "morning", "river", "letter",
        "garden", "music", "story", "window", "market", "bridge", "summer", "winter", "kitchen", "question", "answer",
        "colour", "island", "forest", "engine", "paper", "silver", "harbour", "mountain", "friend", "journey", "number",
        "picture", "table", "village", "weather", "window-sill", "yellow", "travel", "quiet", "bright", "early",
    ]
}
