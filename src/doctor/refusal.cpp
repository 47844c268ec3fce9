#include <doctor/refusal.hpp>

namespace kusto::doctor
{

bool is_page_of_somebody(failure const& why)
{
    constexpr int forbidden = 403;
    bool const refused = why.code() == errc::access_denied || why.code() == errc::request_rejected;
    return refused && why.status() == forbidden && why.service_code().empty() &&
           !why.server_text().empty();
}

bool lacks_role(failure const& why)
{
    constexpr int unauthorized = 401;
    return why.code() == errc::access_denied && why.status() != unauthorized &&
           !is_page_of_somebody(why);
}

} // namespace kusto::doctor
