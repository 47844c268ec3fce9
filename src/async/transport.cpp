#include <async/transport.hpp>

#include <base/ascii.hpp>
#include <base/secret.hpp>

namespace kusto::async
{

std::string_view to_string(http_method method) noexcept
{
    switch (method)
    {
    case http_method::get:
        return "GET";
    case http_method::put:
        return "PUT";
    case http_method::post:
        return "POST";
    case http_method::del:
        return "DELETE";
    case http_method::head:
        return "HEAD";
    }
    return "?";
}

http_request::~http_request()
{
    bool const signs_in = where == kusto::stage::token;
    if (signs_in)
        base::wipe(body);
    for (auto& [name, value] : headers)
    {
        if (signs_in || base::equal_ignoring_case(name, "Authorization"))
            base::wipe(value);
    }
}

http_response::~http_response()
{
    base::wipe(body);
}

std::string_view http_response::header(std::string_view name) const noexcept
{
    for (auto const& [key, value] : headers)
        if (base::equal_ignoring_case(key, name))
            return value;
    return {};
}

} // namespace kusto::async
