#include <doctor/refusal.hpp>

#include <base/ascii.hpp>

namespace kusto::doctor
{

bool holds_page(failure const& why)
{
    return why.service_code().empty() && why.activity_id().empty() &&
           base::trim(why.server_text()).starts_with('<');
}

bool is_page_of_somebody(failure const& why)
{
    constexpr int forbidden = 403;
    bool const refused = why.code() == errc::access_denied || why.code() == errc::request_rejected;
    return refused && why.status() == forbidden && holds_page(why);
}

bool lacks_role(failure const& why)
{
    constexpr int unauthorized = 401;
    return why.code() == errc::access_denied && why.status() != unauthorized &&
           !is_page_of_somebody(why);
}

} // namespace kusto::doctor
