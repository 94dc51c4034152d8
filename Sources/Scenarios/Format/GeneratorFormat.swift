/// The options of each generator; the section's id is the generator's name.
enum GeneratorFormat {
    private static let ends: [FormatSection.Field] = [
        .init(
            name: "from", kind: .either([.number, .text]),
            text: "The least; 1 by default. A data set's name is its count."),
        .init(
            name: "to", kind: .either([.number, .text]), isRequired: true,
            text: "The most. A data set's name is its count."),
    ]

    static let sections: [FormatSection] = [
        FormatSection(
            id: "choice", title: "choice",
            fields: [
                .init(name: "of", kind: .list(.scalar), isRequired: true, text: "The values."),
                .init(name: "weights", kind: .list(.number), text: "The share of each; all the same by default."),
            ]),
        FormatSection(
            id: "column", title: "column",
            fields: ScenarioFormat.rowFile.fields + [
                .init(name: "name", kind: .text, isRequired: true, text: "The column."),
                .init(
                    name: "order", kind: .word(GeneratorDefinition.RowOrder.allCases.map(\.rawValue)),
                    text: "Which row comes next; random by default."),
            ], oneOf: ScenarioFormat.rowFile.oneOf),
        FormatSection(
            id: "names", title: "names",
            fields: [
                .init(
                    name: "part", kind: .word(GeneratorDefinition.NamePart.allCases.map(\.rawValue)),
                    text: "Which part of a name; full by default.")
            ]),
        FormatSection(
            id: "sequence", title: "sequence",
            fields: [
                .init(name: "from", kind: .integer(least: .min), text: "The first number; 1 by default."),
                .init(name: "step", kind: .integer(least: .min), text: "From one to the next; 1 by default."),
            ]),
        FormatSection(id: "text", title: "text", fields: []),
        FormatSection(
            id: "texts", title: "texts",
            fields: [
                .init(name: "from", kind: .integer(least: 1), text: "The least number of words; 1 by default."),
                .init(name: "to", kind: .integer(least: 1), text: "The most; 8 by default."),
            ]),
        FormatSection(id: "uniform", title: "uniform", fields: ends),
        FormatSection(
            id: "zipfian", title: "zipfian",
            fields: ends + [
                .init(
                    name: "exponent", kind: .number,
                    text:
                        "How much more frequent lower numbers are: the n-th comes in proportion to 1 / n^exponent; 0.99 by default."
                )
            ]),
    ]

    static let names = sections.map(\.id)
}
