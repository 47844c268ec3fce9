#include <auth/amended.hpp>

#include <algorithm>
#include <base/percent.hpp>
#include <utility>

namespace kusto::auth
{

namespace
{

failure with_message(failure const& why, std::string message)
{
    failure other(why.code(), why.where(), std::move(message));
    other.host(why.host()).status(why.status()).service_code(why.service_code());
    other.server_text(why.server_text()).request_id(why.request_id());
    other.activity_id(why.activity_id()).attempts(why.attempts()).retryable(why.retryable());
    other.outcome(why.outcome());
    if (why.retry_after())
        other.retry_after(*why.retry_after());
    return other;
}

/// How much of `secret` the text begins with; 0 when that is too little to say anything.
std::size_t part_of(std::string_view secret, std::string_view text)
{
    constexpr std::size_t telling = 4;
    auto const [end, ignored] =
        std::mismatch(text.begin(), text.end(), secret.begin(), secret.end());
    auto const length = static_cast<std::size_t>(end - text.begin());
    return length >= (std::min)(telling, secret.size()) ? length : 0;
}

/// Also what is left of a secret where a text was cut off: its beginning.
std::string erased(std::string_view text, std::string_view secret, std::string_view encoded)
{
    std::string clean;
    for (std::size_t i = 0; i < text.size();)
    {
        auto const rest = text.substr(i);
        auto const length = (std::max)(part_of(secret, rest), part_of(encoded, rest));
        if (length == 0)
            clean += text[i++];
        else
            clean += "REDACTED";
        i += length;
    }
    return clean;
}

} // namespace

failure amended(failure const& why, std::string_view note)
{
    std::string message = why.message();
    if (!message.empty())
        message += ' ';
    message.append("(").append(note).append(")");
    return with_message(why, std::move(message));
}

failure without_secret(failure const& why, std::string_view secret)
{
    auto const encoded = base::percent_encode(secret);
    auto const clean = [&](std::string const& text) { return erased(text, secret, encoded); };
    auto other = with_message(why, clean(why.message()));
    other.server_text(clean(why.server_text())).service_code(clean(why.service_code()));
    other.activity_id(clean(why.activity_id()));
    return other;
}

void without_secret(async::http_response& reply, std::string_view secret)
{
    constexpr int first_error = 300;
    if (reply.status < first_error)
        return;
    reply.body = erased(reply.body, secret, base::percent_encode(secret));
}

} // namespace kusto::auth
