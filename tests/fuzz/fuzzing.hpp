#pragma once

// What all fuzzers need.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace kusto::fuzz
{

/// Ends the run, which libFuzzer reports with the input, unless `holds`.
inline void require(bool holds, char const* what)
{
    if (holds)
        return;
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
}

/// Input, taken from the front.
class input
{
public:
    input(std::uint8_t const* data, std::size_t size)
        : rest_(reinterpret_cast<char const*>(data), size)
    {
    }

    [[nodiscard]] std::uint8_t byte()
    {
        if (rest_.empty())
            return 0;
        auto const value = static_cast<std::uint8_t>(rest_.front());
        rest_.remove_prefix(1);
        return value;
    }
    /// Up to the next zero byte, which is dropped.
    [[nodiscard]] std::string text()
    {
        auto const end = rest_.find('\0');
        auto const taken = rest_.substr(0, end);
        rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
        return std::string(taken);
    }
    [[nodiscard]] std::string rest() const { return std::string(rest_); }

private:
    std::string_view rest_;
};

/// Whether text can stand in one line of a log.
inline bool is_one_line(std::string_view text)
{
    for (char const c : text)
    {
        auto const code = static_cast<unsigned char>(c);
        if (code < 0x20 || code == 0x7f)
            return false;
    }
    return true;
}

} // namespace kusto::fuzz
