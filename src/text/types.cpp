#include <kusto/types.hpp>

#include <base/guid.hpp>
#include <text/encode_error.hpp>
#include <text/guid_text.hpp>
#include <text/json_check.hpp>

namespace kusto
{

guid guid::random()
{
    return guid(base::guid::random().bytes());
}

std::optional<guid> guid::try_parse(std::string_view text) noexcept
{
    if (auto const parsed = base::guid::parse(text))
        return guid(parsed->bytes());
    return std::nullopt;
}

guid guid::parse(std::string_view text)
{
    if (auto const parsed = try_parse(text))
        return *parsed;
    text::throw_encode_error(errc::invalid_record,
                             "\"" + text::excerpt(text) +
                                 "\" is no guid; write 74be27de-1e4e-49d9-b579-fe0b331d3642");
}

std::string guid::to_string() const
{
    char text[36];
    return std::string(text, text::format_guid(*this, text));
}

dynamic dynamic::parse(std::string text)
{
    auto const wrong = text::check_json(text, text::json_form::any_value);
    if (wrong.what)
        text::throw_encode_error(wrong.utf8 ? errc::invalid_utf8 : errc::invalid_record,
                                 "the dynamic value is not JSON: " + std::string(wrong.what) +
                                     " at offset " + std::to_string(wrong.offset));
    return unchecked(std::move(text));
}

} // namespace kusto
