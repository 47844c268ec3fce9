#include <auth/amended.hpp>

#include <base/ascii.hpp>
#include <string>
#include <utility>
#include <wire/erase.hpp>

namespace kusto::auth
{

failure reworded(failure const& why, errc code, std::string message)
{
    failure other(code, why.where(), std::move(message));
    other.host(why.host()).status(why.status()).service_code(why.service_code());
    other.server_text(why.server_text()).request_id(why.request_id());
    other.activity_id(why.activity_id()).attempts(why.attempts()).retryable(why.retryable());
    other.outcome(why.outcome());
    if (why.retry_after())
        other.retry_after(*why.retry_after());
    return other;
}

failure amended(failure const& why, std::string_view note)
{
    std::string message = why.message();
    if (!message.empty())
        message += ' ';
    message.append("(").append(note).append(")");
    return reworded(why, why.code(), std::move(message));
}

failure late_for(failure const& why, std::string_view awaited)
{
    return awaited.empty() ? why : amended(why, "waiting for " + std::string(awaited));
}

failure without_secret(failure const& why, std::string_view secret)
{
    // Hosts are shown in lower case, and a redirect may have what it was sent in its host.
    auto const lowered = base::to_lower(secret);
    auto const clean = [&](std::string const& text)
    {
        auto rest = wire::without(text, secret);
        return lowered == secret ? rest : wire::without(rest, lowered);
    };
    auto other = reworded(why, why.code(), clean(why.message()));
    other.server_text(clean(why.server_text())).service_code(clean(why.service_code()));
    other.activity_id(clean(why.activity_id()));
    return other;
}

void erase(async::http_response& reply, std::string_view secret)
{
    reply.body = wire::without(reply.body, secret);
    for (auto& [name, value] : reply.headers)
        value = wire::without(value, secret);
}

void without_secret(async::http_response& reply, std::string_view secret)
{
    constexpr int first_error = 300;
    if (reply.status >= first_error)
        return erase(reply, secret);
    for (auto& [name, value] : reply.headers)
        value = wire::without(value, secret);
}

} // namespace kusto::auth
