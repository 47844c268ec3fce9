#include <emulator/server/exact_parameters.hpp>

#include <emulator/server/encoding.hpp>

namespace kusto::emulator
{

namespace
{

bool is_letter_or_digit(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_hexadecimal(char c) noexcept
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// \throws malformed_parameters
std::string decoded(std::string_view text, parameter_place place)
{
    // The last five of the first are what JavaScript leaves as it is.
    constexpr std::string_view anywhere = "-._~+!'()*";
    constexpr std::string_view in_queries = ":/@?,;$";
    auto const plain = [&](char c)
    {
        return is_letter_or_digit(c) || anywhere.find(c) != std::string_view::npos ||
               (place == parameter_place::query && in_queries.find(c) != std::string_view::npos);
    };
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        bool const escape = text[i] == '%' && i + 2 < text.size() && is_hexadecimal(text[i + 1]) &&
                            is_hexadecimal(text[i + 2]);
        if (escape)
            i += 2;
        else if (!plain(text[i]))
            throw malformed_parameters("a character that must be percent-encoded is not");
    }
    return form_decode(text);
}

} // namespace

exact_parameters::exact_parameters(std::string_view text, parameter_place place)
{
    for (bool more = !text.empty(); more;)
    {
        auto const end = text.find('&');
        auto const item = text.substr(0, end);
        more = end != std::string_view::npos;
        text.remove_prefix(more ? end + 1 : text.size());
        auto const equals = item.find('=');
        if (equals == 0 || equals == std::string_view::npos)
            throw malformed_parameters("a parameter is not written as name=value");
        auto name = decoded(item.substr(0, equals), place);
        if (has(name))
            throw malformed_parameters("a parameter is there more than once");
        values_.emplace_back(std::move(name), decoded(item.substr(equals + 1), place));
    }
}

std::string const* exact_parameters::find(std::string_view name) const noexcept
{
    for (auto const& value : values_)
    {
        if (value.first == name)
            return &value.second;
    }
    return nullptr;
}

std::string exact_parameters::get(std::string_view name) const
{
    auto const* value = find(name);
    return value != nullptr ? *value : std::string();
}

} // namespace kusto::emulator
