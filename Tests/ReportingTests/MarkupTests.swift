import Foundation
import Testing

@testable import Reporting

@Suite("Markup, colours and hashes")
struct MarkupTests {
    @Test("Whatever is interpolated is text, unless it is markup")
    func escaping() {
        let hostile = "<b a=\"1\" c='2'>&amp;</b>\u{0}\u{1F}\u{7F}\u{FFFE}"
        let escaped: Markup = "<p>\(hostile)</p>"
        #expect(
            escaped.text
                == "<p>&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;&lt;/b&gt;\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}</p>")
        let part: Markup = "<i>\(1)</i>"
        #expect(("<p>\(part)</p>" as Markup).text == "<p><i>1</i></p>")
        #expect(Markup.escape("Kùzu 日本 😀\n\t") == "Kùzu 日本 😀\n\t")
    }

    @Test(
        "Coordinates have a tenth, and no value breaks a drawing",
        arguments: [
            (0.0, "0"), (1.25, "1.3"), (-0.04, "0"), (-12.34, "-12.3"), (100, "100"), (.nan, "0"), (.infinity, "0"),
            (1e300, "0"),
        ] as [(Double, String)])
    func coordinates(value: Double, text: String) {
        #expect(Coordinate.text(value) == text)
    }

    @Test(
        "SHA-256 has the values that FIPS 180-4's examples have",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func hash(message: String, digest: String) {
        #expect(SHA256.digest(Array(message.utf8)).map { String(format: "%02x", $0) }.joined() == digest)
    }

    @Test(
        "Text has a contrast of 4.5 and drawings one of 3, on both grounds (WCAG 2.2)",
        arguments: [Palette.light, .dark])
    func contrast(palette: Palette) {
        for ground in [palette.paper, palette.panel] {
            for text in [palette.ink, palette.faint, palette.pass, palette.fail, palette.warn, palette.first] {
                #expect(text.contrast(to: ground) >= 4.5, "\(text.css) on \(ground.css)")
            }
        }
        // Lines run over the heat map's shades.
        for ground in [palette.paper, palette.panel, palette.fault] + palette.heat.prefix(5) {
            for line in [palette.first, palette.second, palette.third] {
                #expect(line.contrast(to: ground) >= 3, "\(line.css) on \(ground.css)")
            }
        }
        // Each shade is told from the one before.
        let steps = zip([palette.paper] + palette.heat, palette.heat)
        for (before, after) in steps { #expect(before.contrast(to: after) > 1.05, "\(after.css)") }
        #expect((RGB(integerLiteral: 0)).contrast(to: 0xFF_FFFF) == 21)
    }
}
