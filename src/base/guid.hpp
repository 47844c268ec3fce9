#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kusto::base
{

/// 16 bytes in the order of their text form.
class guid
{
public:
    constexpr guid() = default;
    explicit constexpr guid(std::array<std::uint8_t, 16> bytes) : bytes_(bytes) {}

    /// A random one (version 4), from the operating system's generator.
    [[nodiscard]] static guid random();
    /// `74be27de-1e4e-49d9-b579-fe0b331d3642`, any case, optionally in braces.
    [[nodiscard]] static std::optional<guid> parse(std::string_view text) noexcept;

    /// Lower case with dashes, 36 characters.
    [[nodiscard]] std::string to_string() const;
    [[nodiscard]] std::array<std::uint8_t, 16> const& bytes() const noexcept { return bytes_; }

    friend auto operator<=>(guid const&, guid const&) = default;

private:
    std::array<std::uint8_t, 16> bytes_{};
};

} // namespace kusto::base
