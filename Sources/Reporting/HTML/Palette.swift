import Foundation

/// A page's colours, by what they are for, once for light and once for dark. A test holds their contrast to WCAG 2.2: 4.5 for text, 3 for
/// drawings.
struct Palette: Sendable {
    /// Ground, and a ground that is set off from it.
    var paper, panel: RGB
    /// Text; text that matters less; lines that only divide.
    var ink, faint, rule: RGB
    /// Lines of charts, which differ by their dashes too.
    var first, second, third: RGB
    /// Verdicts, which have signs and words too.
    var pass, fail, warn: RGB
    /// The ground of a time in which something is broken on purpose, and the lines across it.
    var fault, hatch: RGB
    /// The shades of a heat map, from few to many.
    var heat: [RGB]

    static let light = Palette(
        paper: 0xFD_FCF9, panel: 0xF4_F2EC, ink: 0x1B_1E23, faint: 0x5B_616B, rule: 0xDD_DAD2,
        first: 0x1D_4F91, second: 0xA3_4A12, third: 0x15_6B5E, pass: 0x1A_6B3C, fail: 0xAE_2318, warn: 0x82_5600,
        fault: 0xFB_EFD9, hatch: 0xE3_BE7C,
        heat: [0xEE_F2F7, 0xE0_E8F2, 0xCF_DCEC, 0xBA_CDE4, 0xA0_BCDC, 0x74_9CCA])

    static let dark = Palette(
        paper: 0x13_1619, panel: 0x1C_2024, ink: 0xE9_E7E2, faint: 0xA4_A9B1, rule: 0x34_3A40,
        first: 0x9C_C3F5, second: 0xF2_A66A, third: 0x6F_D6C2, pass: 0x78_CF95, fail: 0xFF_9285, warn: 0xEB_BE5C,
        fault: 0x2A_2416, hatch: 0x6B_5628,
        heat: [0x17_1E28, 0x1A_2636, 0x1E_3149, 0x23_3F60, 0x2B_4F7B, 0x35_6197])

    /// As custom properties of CSS.
    var properties: String {
        let named: [(String, RGB)] = [
            ("paper", paper), ("panel", panel), ("ink", ink), ("faint", faint), ("rule", rule), ("first", first),
            ("second", second), ("third", third), ("pass", pass), ("fail", fail), ("warn", warn),
            ("fault", fault), ("hatch", hatch),
        ]
        let shades = heat.enumerated().map { ("heat\($0.offset + 1)", $0.element) }
        return (named + shades).map { "--\($0.0):\($0.1.css)" }.joined(separator: ";")
    }
}

/// A colour of sRGB.
struct RGB: Sendable, Hashable, ExpressibleByIntegerLiteral {
    let value: UInt32

    init(integerLiteral value: UInt32) {
        self.value = value
    }

    var css: String { "#" + String(format: "%06x", value) }

    /// From 0 to 1, as WCAG 2.2 defines it.
    var luminance: Double {
        let parts = [16, 8, 0].map { shift -> Double in
            let part = Double(value >> UInt32(shift) & 0xFF) / 255
            return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }

    /// From 1 to 21, as WCAG 2.2 defines it.
    func contrast(to other: RGB) -> Double {
        let (a, b) = (luminance, other.luminance)
        return (max(a, b) + 0.05) / (min(a, b) + 0.05)
    }
}
