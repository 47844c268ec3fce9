#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <kusto/datetime.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace kusto
{

/// The type of `kusto::null`.
struct null_t
{
    friend constexpr bool operator==(null_t, null_t) = default;
};

/// A field without a value. A `string` column has no null: there it is the empty string.
inline constexpr null_t null{};

/// Kusto `guid`: 16 bytes in the order of their text.
///
/// \par Thread safety
/// A value type.
class guid
{
public:
    /// All zeros.
    constexpr guid() = default;
    explicit constexpr guid(std::array<std::uint8_t, 16> bytes) : bytes_(bytes) {}

    /// A random one (version 4) from the operating system's generator.
    [[nodiscard]] static guid random();
    /// `74be27de-1e4e-49d9-b579-fe0b331d3642` in any case, optionally in braces.
    [[nodiscard]] static std::optional<guid> try_parse(std::string_view text) noexcept;
    /// As `try_parse`. \throws error `errc::invalid_record`
    [[nodiscard]] static guid parse(std::string_view text);

    [[nodiscard]] constexpr std::array<std::uint8_t, 16> const& bytes() const noexcept
    {
        return bytes_;
    }
    /// Lower case with dashes, 36 characters.
    [[nodiscard]] std::string to_string() const;

    friend constexpr auto operator<=>(guid const&, guid const&) = default;

private:
    std::array<std::uint8_t, 16> bytes_{};
};

/// Kusto `decimal`: an exact decimal number of at most 34 significant digits, at most 34 of them
/// before and at most 34 after the point.
///
/// Trailing zeros after the point are not kept, so equal numbers are equal objects.
///
/// \par Thread safety
/// A value type.
class decimal
{
public:
    static constexpr int max_digits = 34;

    /// Zero.
    constexpr decimal() = default;
    template <class Integer>
        requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>)
    constexpr decimal(Integer value) noexcept
    {
        negative_ = value < Integer(0);
        auto const bits = static_cast<std::uint64_t>(value);
        set_integer(negative_ ? std::uint64_t(0) - bits : bits);
    }
    /// Digits with optional sign, point and exponent: `-12.50`, `1e-7`. Nothing if the text is
    /// anything else or needs more digits than there are; a number is never rounded.
    [[nodiscard]] static std::optional<decimal> try_parse(std::string_view text) noexcept;
    /// As `try_parse`. \throws error `errc::invalid_record`
    [[nodiscard]] static decimal parse(std::string_view text);

    /// Plain notation, never with an exponent: `-12.5`, `0.0000001`.
    [[nodiscard]] std::string to_string() const;
    /// As `to_string`, to memory with room for `text_size` characters; returns the end.
    char* format(char* out) const noexcept;
    static constexpr std::size_t text_size = max_digits + 4;

    friend constexpr bool operator==(decimal const&, decimal const&) = default;

private:
    static constexpr std::uint64_t half_base = 100'000'000'000'000'000; // 10^17

    constexpr void set_integer(std::uint64_t magnitude) noexcept
    {
        high_ = magnitude / half_base;
        low_ = magnitude % half_base;
    }

    // The digits are high_ * 10^17 + low_, the last `scale_` of them after the point.
    std::uint64_t high_ = 0;
    std::uint64_t low_ = 0;
    std::uint8_t scale_ = 0;
    bool negative_ = false;
};

/// Kusto `dynamic`: any JSON value, held as JSON text.
///
/// \par Thread safety
/// A value type.
class dynamic
{
public:
    /// The JSON value `null`.
    dynamic() : text_("null") {}

    /// Checks that the text is one JSON value (RFC 8259, UTF-8, nesting at most 512).
    /// \throws error `errc::invalid_record` or `errc::invalid_utf8` with the offset of the mistake
    [[nodiscard]] static dynamic parse(std::string text);
    /// Takes the text as it is. The service stores text that is not JSON as a string.
    [[nodiscard]] static dynamic unchecked(std::string text)
    {
        dynamic made;
        made.text_ = std::move(text);
        return made;
    }

    [[nodiscard]] std::string const& text() const noexcept { return text_; }

    /// Compares text: `[1]` and `[ 1 ]` differ.
    friend bool operator==(dynamic const&, dynamic const&) = default;

private:
    std::string text_;
};

} // namespace kusto
