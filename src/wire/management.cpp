#include <wire/management.hpp>

#include <algorithm>
#include <base/secret.hpp>
#include <wire/json.hpp>

namespace kusto::wire
{

namespace
{

/// `HH:MM:SS.fff`
std::string timespan_text(std::chrono::milliseconds duration)
{
    constexpr std::chrono::milliseconds shortest = std::chrono::seconds(1);
    constexpr std::chrono::milliseconds longest = std::chrono::hours(1);
    auto rest = std::clamp(duration, shortest, longest).count();
    std::string text = "00:00:00.000";
    auto const put = [&text](std::size_t at, int width, std::int64_t number)
    {
        for (int i = width; i-- > 0; number /= 10)
            text[at + static_cast<std::size_t>(i)] = static_cast<char>('0' + number % 10);
    };
    put(9, 3, rest % 1000);
    rest /= 1000;
    put(6, 2, rest % 60);
    put(3, 2, rest / 60 % 60);
    put(0, 2, rest / 3600);
    return text;
}

} // namespace

header_list kusto_headers(client_identity const& who, std::string const& request_id,
                          std::string_view token)
{
    header_list headers;
    headers.reserve(9);
    if (!token.empty())
        headers.emplace_back("Authorization", base::in_one_piece("Bearer ", token));
    headers.emplace_back("Accept", "application/json");
    headers.emplace_back("Content-Type", "application/json; charset=utf-8");
    headers.emplace_back("x-ms-version", "2024-12-12");
    headers.emplace_back("x-ms-client-request-id", request_id);
    headers.emplace_back("x-ms-app", who.application());
    headers.emplace_back("x-ms-user", who.user());
    headers.emplace_back("x-ms-client-version", who.version());
    return headers;
}

std::string command_body(std::string_view database, std::string_view text,
                         std::string_view request_id,
                         std::optional<std::chrono::milliseconds> server_timeout)
{
    std::string properties = "{\"Options\":{";
    if (server_timeout)
        properties += "\"servertimeout\":\"" + timespan_text(*server_timeout) + '"';
    properties += "},\"Parameters\":{},\"ClientRequestId\":" + json_quoted(request_id) + '}';
    return "{\"db\":" + json_quoted(database) + ",\"csl\":" + json_quoted(text) +
           ",\"properties\":" + json_quoted(properties) + '}';
}

} // namespace kusto::wire
