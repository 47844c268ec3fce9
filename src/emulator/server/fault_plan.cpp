#include <boost/json.hpp>
#include <emulator/server/command_text.hpp>
#include <emulator/server/encoding.hpp>
#include <emulator/server/fault_names.hpp>
#include <emulator/server/fault_plan.hpp>

namespace kusto::emulator
{

namespace
{

constexpr std::string_view token_end = "/oauth2/v2.0/token";
constexpr std::string_view adfs_token_path = "/adfs/oauth2/token";
constexpr std::string_view management_path = "/v1/rest/mgmt";

bool ends_with(std::string_view text, std::string_view end)
{
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// SplitMix64's output function.
std::uint64_t mix(std::uint64_t x) noexcept
{
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31);
}

/// A number in [0, 1) that depends on nothing but its arguments.
double draw(std::uint64_t seed, std::uint64_t rule, std::uint64_t match) noexcept
{
    constexpr std::uint64_t step = 0x9E3779B97F4A7C15ULL;
    auto const own = mix(seed + step * (rule + 1));
    return static_cast<double>(mix(own + step * match) >> 11) * 0x1.0p-53;
}

std::string command_text(request const& http)
{
    if (http.method == "GET")
        return query_parameters(http.query).get("csl");
    boost::json::error_code error;
    auto const document = boost::json::parse(http.body, error);
    if (error || !document.is_object())
        return {};
    auto const* text = document.get_object().if_contains("csl");
    return text != nullptr && text->is_string() ? std::string(text->get_string()) : std::string();
}

fault_route management_route(std::string const& text)
{
    switch (command_of(text))
    {
    case known_command::resources:
        return fault_route::resources;
    case known_command::identity:
        return fault_route::identity;
    case known_command::version:
        return fault_route::version;
    case known_command::other:
        break;
    }
    return fault_route::command;
}

bool is_query_path(std::string const& path)
{
    return path == "/v1/rest/query" || path == "/v2/rest/query";
}

fault_subject kusto_subject(port_role port, request const& http)
{
    fault_subject out;
    bool const management = http.path == management_path;
    if (management || is_query_path(http.path))
    {
        out.text = command_text(http);
        out.route = management ? management_route(out.text) : fault_route::query;
        return out;
    }
    bool const token = port == port_role::engine &&
                       (ends_with(http.path, token_end) || http.path == adfs_token_path);
    out.route = http.path == "/v1/rest/auth/metadata" ? fault_route::metadata
                : token                               ? fault_route::token
                                                      : fault_route::any;
    return out;
}

/// \param part  in lower case
bool contains(std::string_view text, std::string_view part)
{
    return lower_case(text).find(part) != std::string::npos;
}

struct storage_path
{
    std::string account;
    std::string resource;
    std::string rest;
};

storage_path split(std::string_view path)
{
    auto const next = [&path]
    {
        if (!path.empty())
            path.remove_prefix(1); // the slash
        auto const segment = path.substr(0, path.find('/'));
        path.remove_prefix(segment.size());
        return percent_decode(segment);
    };
    storage_path out;
    out.account = next();
    out.resource = next();
    out.rest = percent_decode(path.empty() ? path : path.substr(1));
    return out;
}

fault_route blob_route(std::string const& method, query_parameters const& query)
{
    auto const part = query.get("comp");
    if (method == "PUT")
    {
        if (part.empty())
            return fault_route::put_blob;
        if (part == "block")
            return fault_route::put_block;
        return part == "blocklist" ? fault_route::put_block_list : fault_route::any;
    }
    bool const reads = (method == "GET" || method == "HEAD") && part.empty();
    return reads ? fault_route::get_blob : fault_route::any;
}

fault_route table_route(request const& http, query_parameters const& query)
{
    if (http.method == "GET")
        return query.has("restype") || query.has("comp") ? fault_route::any
                                                         : fault_route::read_status;
    bool const writes = http.method == "POST" || http.method == "PUT" || http.method == "PATCH" ||
                        http.method == "MERGE";
    return writes && !query.has("restype") ? fault_route::insert_status : fault_route::any;
}

fault_route storage_route(request const& http, storage_path const& path)
{
    query_parameters const query(http.query);
    if (path.rest.empty())
        return table_route(http, query);
    if (path.rest == "messages" || path.rest.rfind("messages/", 0) == 0)
    {
        bool const put = path.rest == "messages" && http.method == "POST";
        return put ? fault_route::put_message : fault_route::any;
    }
    return blob_route(http.method, query);
}

bool shapes(fault_action action)
{
    switch (action)
    {
    case fault_action::delay:
    case fault_action::latency:
    case fault_action::bandwidth:
    case fault_action::drip:
    case fault_action::expire_sas:
    case fault_action::revoke_tokens:
    case fault_action::expire_identity:
        return true;
    default:
        return false;
    }
}

void shape(request_verdict& into, fault const& rule, std::size_t index)
{
    switch (rule.action())
    {
    case fault_action::bandwidth:
        into.rates.push_back(index);
        break;
    case fault_action::drip:
        into.drip = index;
        break;
    case fault_action::expire_sas:
        into.expire_sas = true;
        break;
    case fault_action::revoke_tokens:
        into.revoke_tokens = true;
        break;
    case fault_action::expire_identity:
        into.expire_identity = true;
        break;
    default:
        into.hold += rule.time();
        break;
    }
}

} // namespace

bool route_is_in_body(port_role port, request const& head)
{
    return port != port_role::storage && head.path == management_path;
}

bool text_is_in_body(port_role port, request const& head)
{
    return port != port_role::storage && head.method != "GET" && is_query_path(head.path);
}

fault_subject classify(port_role port, request const& http)
{
    fault_subject out;
    if (port == port_role::managed_identity)
    {
        out.route = fault_route::managed_identity;
        return out;
    }
    if (port != port_role::storage)
        return kusto_subject(port, http);
    auto path = split(http.path);
    out.route = storage_route(http, path);
    out.account = std::move(path.account);
    return out;
}

bool serves(port_role port, fault_route route) noexcept
{
    switch (route)
    {
    case fault_route::any:
        return true;
    case fault_route::metadata:
    case fault_route::version:
        return port == port_role::engine || port == port_role::ingestion;
    case fault_route::token:
    case fault_route::command:
    case fault_route::query:
        return port == port_role::engine;
    case fault_route::resources:
    case fault_route::identity:
        return port == port_role::ingestion;
    case fault_route::managed_identity:
        return port == port_role::managed_identity;
    default:
        return port == port_role::storage;
    }
}

fault_plan::fault_plan(fault_script script)
    : script_(std::move(script)),
      counts_(script_.rules().size())
{
    script_.check();
}

bool fault_plan::takes(std::size_t index, milliseconds elapsed)
{
    auto const& rule = script_.rules()[index];
    if (elapsed < rule.begin().value_or(milliseconds(0)) || (rule.end() && elapsed >= *rule.end()))
        return false;
    auto const match = ++counts_[index].matched;
    if (match < rule.from() || match - rule.from() >= rule.times() ||
        (match - rule.from()) % rule.every() != 0)
        return false;
    return rule.probability() >= 1 || draw(script_.seed(), index, match) < rule.probability();
}

request_verdict fault_plan::decide_request(fault_subject const& subject, milliseconds elapsed)
{
    request_verdict out;
    for (std::size_t i = 0; i < script_.rules().size(); ++i)
    {
        auto const& rule = script_.rules()[i];
        if (traits_of(rule.action()).domain != fault_domain::requests ||
            (rule.route() != fault_route::any && rule.route() != subject.route) ||
            (!rule.account().empty() && rule.account() != subject.account) ||
            (!rule.containing().empty() && !contains(subject.text, lower_case(rule.containing()))))
            continue;
        bool const taken = takes(i, elapsed);
        if (!taken || (!shapes(rule.action()) && out.ending))
            continue;
        ++counts_[i].applied;
        if (shapes(rule.action()))
            shape(out, rule, i);
        else
            out.ending = i;
    }
    return out;
}

bool fault_plan::decide_connection(port_role port, milliseconds elapsed)
{
    bool silent = false;
    for (std::size_t i = 0; i < script_.rules().size(); ++i)
    {
        auto const& rule = script_.rules()[i];
        if (traits_of(rule.action()).domain != fault_domain::connections ||
            !serves(port, rule.route()))
            continue;
        if (takes(i, elapsed) && !silent)
        {
            ++counts_[i].applied;
            silent = true;
        }
    }
    return silent;
}

message_verdict fault_plan::decide_message(std::string const& account, milliseconds elapsed)
{
    message_verdict out;
    for (std::size_t i = 0; i < script_.rules().size(); ++i)
    {
        auto const& rule = script_.rules()[i];
        if (traits_of(rule.action()).domain != fault_domain::messages ||
            (!rule.account().empty() && rule.account() != account) || !takes(i, elapsed))
            continue;
        bool const fails = rule.action() == fault_action::ingestion_fails;
        if (fails && out.failure)
            continue;
        ++counts_[i].applied;
        if (fails)
            out.failure = i;
        else if (rule.action() == fault_action::redeliver)
            out.again = rule.time();
        else if (rule.action() == fault_action::status_delay)
            out.status_delay += rule.time();
        else if (rule.action() == fault_action::status_lost)
            out.status_lost = true;
        else
            out.hold += rule.time();
    }
    return out;
}

} // namespace kusto::emulator
