#include <wire/azure_cli.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <base/base64.hpp>
#include <ctime>
#include <wire/token_lifetime.hpp>

namespace kusto::wire
{

namespace
{

using std::chrono::seconds;

failure unavailable(std::string why)
{
    return failure(errc::credential_unavailable, stage::token, std::move(why));
}

bool consists_of(std::string_view text, std::string_view marks)
{
    return !text.empty() && text.front() != '-' &&
           std::all_of(text.begin(), text.end(),
                       [&](char c) {
                           return base::is_letter(c) || base::is_digit(c) ||
                                  marks.find(c) != std::string_view::npos;
                       });
}

failure bad_argument(std::string_view what)
{
    return unavailable("the " + std::string(what) +
                       " holds characters that are not passed to a command line");
}

/// The point in time at which clocks here show what `shown` shows as UTC. An hour that clocks show
/// twice is the first one: a token that is thought to end early does no harm.
std::optional<seconds> from_local(base::utc_time_point shown)
{
    constexpr std::time_t summer_time = 3600;
    auto const text_time = std::chrono::system_clock::to_time_t(shown);
    std::tm parts{};
    if (::gmtime_r(&text_time, &parts) == nullptr)
        return std::nullopt;
    parts.tm_isdst = -1;
    auto wanted = parts;
    auto const when = std::mktime(&wanted);
    if (when == std::time_t(-1))
        return std::nullopt;
    auto const earlier = when - summer_time;
    std::tm before{};
    bool const twice = ::localtime_r(&earlier, &before) != nullptr &&
                       before.tm_hour == parts.tm_hour && before.tm_mday == parts.tm_mday;
    return seconds(twice ? earlier : when);
}

bool names_zone(std::string_view text)
{
    constexpr std::size_t date_and_hour = 13;
    if (text.size() <= date_and_hour)
        return false;
    return text.find_first_of("Zz+-", date_and_hour) != std::string_view::npos;
}

std::optional<seconds> end_of(json::value const& document)
{
    if (auto const* const number = member(document, "expires_on"))
    {
        auto const end = epoch_seconds(*number);
        if (end)
            return end;
    }
    auto const text = base::trim(text_member(document, "expiresOn"));
    auto const when = base::parse_iso(text);
    if (!when)
        return std::nullopt;
    if (!names_zone(text))
        return from_local(*when);
    return std::chrono::floor<seconds>(when->time_since_epoch());
}

bool holds(std::string const& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

result<std::vector<std::string>>
azure_cli_arguments(std::string_view scope, std::string_view tenant, std::string_view subscription)
{
    if (!consists_of(scope, "_.:/-"))
        return bad_argument("scope");
    if (!tenant.empty() && !consists_of(tenant, ".-"))
        return bad_argument("tenant id");
    if (!subscription.empty() && !consists_of(subscription, "._ -"))
        return bad_argument("subscription");
    std::vector<std::string> arguments{"account", "get-access-token", "--output",
                                       "json",    "--scope",          std::string(scope)};
    if (!tenant.empty())
        arguments.insert(arguments.end(), {"--tenant", std::string(tenant)});
    if (!subscription.empty())
        arguments.insert(arguments.end(), {"--subscription", std::string(subscription)});
    return arguments;
}

result<token_reply> parse_azure_cli(std::string_view output, base::utc_time_point now)
{
    auto const begin = output.find('{');
    auto const document = begin == std::string_view::npos
                              ? std::nullopt
                              : parse_strict_json(base::trim(output.substr(begin)));
    if (!document || !document->is_object())
        return unavailable("the Azure CLI printed no JSON");
    token_reply reply;
    reply.access_token = std::string(text_member(*document, "accessToken"));
    if (!is_token_text(reply.access_token))
        return unavailable("the Azure CLI printed no usable accessToken");
    auto const end = end_of(*document);
    if (!end)
        return unavailable("the Azure CLI printed neither expires_on nor expiresOn");
    reply.expires_in = lifetime_until(*end, now);
    if (reply.expires_in <= seconds(0))
        return unavailable("the Azure CLI's token has expired already; check this machine's clock "
                           "and run `az login`");
    return reply;
}

failure azure_cli_failed(int exit_code, std::string_view said)
{
    constexpr int shell_found_nothing = 127;
    constexpr std::size_t most = 250;
    auto const text = base::to_lower(said);
    bool const missing = exit_code == shell_found_nothing || holds(text, "az: not found") ||
                         holds(text, "az: command not found") ||
                         holds(text, "'az' is not recognized");
    if (missing)
        return azure_cli_missing();
    if (holds(text, "az login") || holds(text, "az account set"))
    {
        auto why = unavailable("nobody is signed in to the Azure CLI; run `az login`");
        why.server_text(printable(said, most));
        return why;
    }
    auto why = unavailable("the Azure CLI ended with exit code " + std::to_string(exit_code));
    why.server_text(printable(said, most));
    return why;
}

failure azure_cli_missing()
{
    return unavailable("the Azure CLI (`az`) is not installed");
}

failure azure_cli_challenged(std::string_view claims, std::string_view scope)
{
    return unavailable("the service demands claims that the Azure CLI gives only to a person; run "
                       "`az login --claims-challenge " +
                       base::base64_encode(claims) + " --scope " + std::string(scope) + "`");
}

} // namespace kusto::wire
