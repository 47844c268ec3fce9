#include <doctor/refusal.hpp>

#include <utility>

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

failure reworded(failure const& why, errc code, std::string message)
{
    return failure(code, why.where(), std::move(message))
        .host(why.host())
        .status(why.status())
        .service_code(why.service_code())
        .server_text(why.server_text())
        .request_id(why.request_id())
        .activity_id(why.activity_id());
}

} // namespace kusto::doctor
