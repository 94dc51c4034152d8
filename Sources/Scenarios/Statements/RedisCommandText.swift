/// A command of Redis as people type it: words between spaces, or in quotes.
package struct RedisCommandText: Sendable, Hashable {
    /// The first word, in capitals.
    package let name: String
    /// The others, with values in them.
    package let arguments: [TextTemplate]

    package var parameters: [String] { arguments.flatMap(\.names) }

    /// Nil for an empty text, or a quote without its end.
    package init?(_ text: String) {
        guard let words = Self.words(text), let first = words.first else { return nil }
        name = first.uppercased()
        arguments = words.dropFirst().map(TextTemplate.init)
    }

    static func words(_ text: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var characters = text.makeIterator()
        while let character = characters.next() {
            if let open = quote {
                if character == open {
                    quote = nil
                } else if character == "\\", open == "\"", let next = characters.next() {
                    word?.append(next == "n" ? "\n" : next == "t" ? "\t" : next)
                } else {
                    word?.append(character)
                }
            } else if character == "\"" || character == "'" {
                quote = character
                word = word ?? ""
            } else if character.isWhitespace {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil else { return nil }
        if let done = word { words.append(done) }
        return words
    }
}
