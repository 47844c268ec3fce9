#include <options/checks.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <base/utf8.hpp>
#include <utility>

namespace kusto::options
{

namespace
{

using std::chrono::milliseconds;

struct unit
{
    std::uint64_t size;
    std::string_view name;
};

std::string in_units(std::uint64_t count, unit const* begin, unit const* end)
{
    for (auto const* one = begin; one != end; ++one)
    {
        if (count != 0 && count % one->size == 0)
            return std::to_string(count / one->size) + ' ' + std::string(one->name);
    }
    return std::to_string(count) + ' ' + std::string((end - 1)->name);
}

bool is_name_character(char c) noexcept
{
    // Letters outside of ASCII are allowed; which of these characters are letters is left to the
    // service.
    return base::is_letter(c) || base::is_digit(c) || c == '_' || c == ' ' || c == '.' ||
           c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

} // namespace

std::string duration_text(milliseconds duration)
{
    constexpr unit units[] = {{3'600'000, "h"}, {60'000, "min"}, {1000, "s"}, {1, "ms"}};
    if (duration.count() < 0)
        return std::to_string(duration.count()) + " ms";
    return in_units(static_cast<std::uint64_t>(duration.count()), std::begin(units),
                    std::end(units));
}

std::string bytes_text(std::uint64_t bytes)
{
    constexpr unit units[] = {{std::uint64_t(1) << 40, "TiB"},
                              {std::uint64_t(1) << 30, "GiB"},
                              {std::uint64_t(1) << 20, "MiB"},
                              {std::uint64_t(1) << 10, "KiB"},
                              {1, "bytes"}};
    return in_units(bytes, std::begin(units), std::end(units));
}

std::string shown_url(std::string_view text)
{
    text = text.substr(0, text.find_first_of("?;#"));
    std::string shown(text);
    auto const at = shown.rfind('@');
    if (at != std::string::npos)
    {
        auto const scheme = shown.find("://");
        auto const begin = scheme == std::string::npos || scheme > at ? 0 : scheme + 3;
        shown.erase(begin, at + 1 - begin);
    }
    return shown_text(shown);
}

std::string shown_text(std::string_view text)
{
    constexpr std::size_t most = 128;
    std::string shown = "\"";
    for (char const c : text.substr(0, most))
        shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    shown += text.size() > most ? "...\"" : "\"";
    return shown;
}

bool has_control_characters(std::string_view text) noexcept
{
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

void problem_list::add(std::string name, std::string value, std::string allowed)
{
    problems_.push_back({std::move(name), std::move(value), std::move(allowed)});
}

void problem_list::check_range(std::string_view name, std::uint64_t value, std::uint64_t least,
                               std::uint64_t most)
{
    if (value < least || value > most)
        add(std::string(name), std::to_string(value),
            std::to_string(least) + " to " + std::to_string(most));
}

void problem_list::check_range(std::string_view name, milliseconds value, milliseconds least,
                               milliseconds most)
{
    if (value < least || value > most)
        add(std::string(name), duration_text(value),
            duration_text(least) + " to " + duration_text(most));
}

void problem_list::check_range_or_zero(std::string_view name, milliseconds value,
                                       milliseconds least, milliseconds most)
{
    if (value != milliseconds(0) && (value < least || value > most))
        add(std::string(name), duration_text(value),
            "0, or " + duration_text(least) + " to " + duration_text(most));
}

void problem_list::check_retry(retry_options const& retry)
{
    constexpr milliseconds longest_cap = std::chrono::minutes(10);
    if (retry.attempts() < 1 || retry.attempts() > 100)
        add("retry.attempts", std::to_string(retry.attempts()), "1 to 100");
    check_range("retry.cap", retry.cap(), milliseconds(0), longest_cap);
    if (retry.base() < milliseconds(0) || retry.base() > retry.cap())
        add("retry.base", duration_text(retry.base()),
            "0 ms to retry.cap, which is " + duration_text(retry.cap()));
    check_range("retry.cache_expiration", retry.cache_expiration(), std::chrono::seconds(1),
                std::chrono::hours(24));
}

void problem_list::check_name(std::string_view option, std::string_view name)
{
    constexpr std::string_view rule =
        "1 to 1024 characters: letters, digits, '_', '-', '.' and blanks, in UTF-8, not beginning "
        "or ending with '__'";
    auto const length = base::count_characters(name);
    bool const good = length && *length >= 1 && *length <= 1024 &&
                      std::all_of(name.begin(), name.end(), is_name_character) &&
                      !name.starts_with("__") && !name.ends_with("__") && !base::trim(name).empty();
    if (!good)
        add(std::string(option), shown_text(name), std::string(rule));
}

} // namespace kusto::options
