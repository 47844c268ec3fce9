#include <emulator/server/jwt.hpp>

#include <algorithm>
#include <boost/json.hpp>
#include <emulator/server/encoding.hpp>

namespace kusto::emulator
{

namespace json = boost::json;

namespace
{

std::optional<json::object> json_part(std::string_view text)
{
    auto const decoded = base64url_decode(text);
    if (!decoded)
        return std::nullopt;
    json::error_code error;
    auto value = json::parse(*decoded, error);
    if (error || !value.is_object())
        return std::nullopt;
    return std::move(value.as_object());
}

} // namespace

std::string base64url_encode(std::string_view bytes)
{
    auto text = base64_encode(bytes);
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    return text.substr(0, text.find('='));
}

std::optional<std::string> base64url_decode(std::string_view text)
{
    if (text.find_first_of("+/=") != std::string_view::npos)
        return std::nullopt;
    std::string standard(text);
    std::replace(standard.begin(), standard.end(), '-', '+');
    std::replace(standard.begin(), standard.end(), '_', '/');
    while (standard.size() % 4 != 0)
        standard += '=';
    return base64_decode(standard);
}

std::optional<json_web_token> json_web_token::parse(std::string_view text)
{
    auto const first = text.find('.');
    auto const second = first == std::string_view::npos ? first : text.find('.', first + 1);
    if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos)
        return std::nullopt;
    auto header = json_part(text.substr(0, first));
    auto claims = json_part(text.substr(first + 1, second - first - 1));
    auto signature = base64url_decode(text.substr(second + 1));
    if (!header || !claims || !signature || signature->empty())
        return std::nullopt;
    json_web_token out;
    out.header = std::move(*header);
    out.claims = std::move(*claims);
    out.signed_text = text.substr(0, second);
    out.signature = std::move(*signature);
    return out;
}

std::string json_web_token::text(json::object const& of, std::string_view name)
{
    auto const* value = of.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::optional<std::int64_t> json_web_token::number(json::object const& of, std::string_view name)
{
    auto const* value = of.if_contains(name);
    if (value == nullptr || !value->is_int64() || value->as_int64() < 0)
        return std::nullopt;
    return value->as_int64();
}

} // namespace kusto::emulator
