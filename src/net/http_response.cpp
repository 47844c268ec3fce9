#include <async/transport.hpp>

#include <base/ascii.hpp>

namespace kusto::async
{

std::string_view http_response::header(std::string_view name) const noexcept
{
    for (auto const& [key, value] : headers)
        if (base::equal_ignoring_case(key, name))
            return value;
    return {};
}

} // namespace kusto::async
