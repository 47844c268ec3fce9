#include <base/time_text.hpp>

#include <base/ascii.hpp>
#include <charconv>

namespace kusto::base
{

namespace
{

using namespace std::chrono;

/// Takes numbers and punctuation off the front of a text.
class reader
{
public:
    explicit reader(std::string_view text) : rest_(text) {}

    /// One to `most` digits.
    bool number(std::size_t most, int& value) noexcept
    {
        std::size_t length = 0;
        while (length < most && length < rest_.size() && is_digit(rest_[length]))
            ++length;
        std::from_chars(rest_.data(), rest_.data() + length, value);
        rest_.remove_prefix(length);
        return length > 0;
    }
    bool literal(std::string_view text) noexcept
    {
        if (!equal_ignoring_case(rest_.substr(0, text.size()), text))
            return false;
        rest_.remove_prefix(text.size());
        return true;
    }
    [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }

private:
    std::string_view rest_;
};

/// 12 AM is midnight, 12 PM is noon.
bool read_half_of_day(reader& from, int& hour) noexcept
{
    bool const morning = from.literal(" AM");
    if (!morning && !from.literal(" PM"))
        return true;
    if (hour < 1 || hour > 12)
        return false;
    hour = hour % 12 + (morning ? 0 : 12);
    return true;
}

bool read_offset(reader& from, minutes& offset) noexcept
{
    if (from.empty() || from.literal("Z") || from.literal(" Z"))
        return from.empty();
    from.literal(" ");
    bool const east = from.literal("+");
    int hour = 0;
    int minute = 0;
    if ((!east && !from.literal("-")) || !from.number(2, hour) || !from.literal(":") ||
        !from.number(2, minute) || hour > 15 || minute > 59)
        return false;
    offset = hours(hour) + minutes(minute);
    if (!east)
        offset = -offset;
    return from.empty();
}

} // namespace

std::optional<utc_time_point> parse_slashed(std::string_view text) noexcept
{
    constexpr int first_year = 1970;
    constexpr int last_year = 2200; // what the system clock can hold
    reader from(trim(text));
    int m = 0;
    int d = 0;
    int y = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    minutes offset(0);
    if (!from.number(2, m) || !from.literal("/") || !from.number(2, d) || !from.literal("/") ||
        !from.number(4, y) || !from.literal(" ") || !from.number(2, hour) || !from.literal(":") ||
        !from.number(2, minute) || !from.literal(":") || !from.number(2, second) ||
        !read_half_of_day(from, hour) || !read_offset(from, offset))
        return std::nullopt;
    year_month_day const date(year(y), month(static_cast<unsigned>(m)),
                              day(static_cast<unsigned>(d)));
    if (!date.ok() || y < first_year || y > last_year || hour > 23 || minute > 59 || second > 60)
        return std::nullopt;
    return sys_days(date) + hours(hour) + minutes(minute) + seconds(second) - offset;
}

} // namespace kusto::base
