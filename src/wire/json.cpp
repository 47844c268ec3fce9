#include <wire/json.hpp>

#include <base/ascii.hpp>
#include <charconv>
#include <cmath>

namespace kusto::wire
{

std::optional<json::value> parse_json(std::string_view text)
{
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark))
        text.remove_prefix(byte_order_mark.size());
    json::parse_options options;
    options.max_depth = 256;
    boost::system::error_code ec;
    auto parsed = json::parse(text, ec, {}, options);
    if (ec)
        return std::nullopt;
    return parsed;
}

json::value const* member(json::value const& from, std::string_view name) noexcept
{
    auto const* const object = from.if_object();
    return object == nullptr ? nullptr : object->if_contains(name);
}

std::string_view text_member(json::value const& from, std::string_view name) noexcept
{
    auto const* const found = member(from, name);
    if (found == nullptr || !found->is_string())
        return {};
    auto const& text = found->get_string();
    return {text.data(), text.size()};
}

bool flag_member(json::value const& from, std::string_view name) noexcept
{
    auto const* const found = member(from, name);
    if (found == nullptr)
        return false;
    if (found->is_bool())
        return found->get_bool();
    return base::equal_ignoring_case(text_member(from, name), "true");
}

std::optional<std::int64_t> whole_number(json::value const& from) noexcept
{
    constexpr double limit = 9.2e18;
    if (from.is_int64())
        return from.get_int64();
    if (from.is_double() && std::abs(from.get_double()) < limit)
        return static_cast<std::int64_t>(from.get_double());
    if (!from.is_string())
        return std::nullopt;
    auto const& text = from.get_string();
    std::int64_t number = 0;
    auto const* const end = text.data() + text.size();
    auto const [stop, ec] = std::from_chars(text.data(), end, number);
    if (ec != std::errc() || stop != end)
        return std::nullopt;
    return number;
}

std::string json_quoted(std::string_view text)
{
    return json::serialize(json::string(text));
}

} // namespace kusto::wire
