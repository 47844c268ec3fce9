#include <emulator/server/kusto_service.hpp>

#include <boost/json.hpp>
#include <emulator/permissions.hpp>
#include <emulator/server/command_text.hpp>

namespace kusto::emulator
{

namespace json = boost::json;

namespace
{

constexpr char const* bad_request_type = "Kusto.Data.Exceptions.KustoBadRequestException";

engine_error bad_request(std::string text)
{
    return engine_error(400, "General_BadRequest", bad_request_type,
                        "Request is invalid and cannot be processed: " + std::move(text));
}

engine_error wrong_endpoint(std::string const& url)
{
    return engine_error(
        400, "BadRequest", "Kusto.Common.Svc.Exceptions.AdminCommandWrongEndpointException",
        "Cannot get ingestion resources from this service endpoint. The appropriate "
        "endpoint is most likely '" +
            url + "'.",
        false);
}

engine_error wrong_endpoint_for_engine_command(std::string const& url)
{
    return engine_error(400, "BadRequest",
                        "Kusto.Common.Svc.Exceptions.AdminCommandWrongEndpointException",
                        "This command or query cannot be executed by the ingestion service. The "
                        "appropriate endpoint is most likely '" +
                            url + "'.",
                        false);
}

engine_error unknown_database(std::string const& name)
{
    return engine_error(400, "BadRequest_EntityNotFound",
                        "Kusto.Data.Exceptions.EntityNotFoundException",
                        "Entity ID '" + name + "' of kind 'Database' was not found.");
}

void check_properties(json::value const& value)
{
    if (value.is_object() || value.is_null())
        return;
    json::error_code error;
    bool const text = value.is_string();
    auto const parsed = text ? json::parse(value.as_string(), error) : json::value();
    if (!text || error || !parsed.is_object())
        throw bad_request("'properties' is neither an object nor a JSON text of one.");
}

std::string text_member(json::object const& from, char const* name)
{
    auto const* value = from.if_contains(name);
    if (value == nullptr || value->is_null())
        return {};
    if (!value->is_string())
        throw bad_request("'" + std::string(name) + "' is not a string.");
    return std::string(value->as_string());
}

} // namespace

response render(engine_error const& error, request const& http, std::string const& activity)
{
    response answer;
    answer.status = error.status;
    auto const accept = lower_case(http.headers.get("Accept"));
    if (accept.find("application/json") == std::string::npos)
    {
        answer.headers.add("Content-Type", "text/plain; charset=utf-8");
        answer.body = error.type + ": " + error.what() + "\nActivityId: " + activity;
        return answer;
    }
    json::object context;
    context["timestamp"] = iso_time(std::chrono::system_clock::now(), true);
    context["serviceAlias"] = "LOCAL";
    context["machineName"] = "localhost";
    context["clientRequestId"] = std::string(http.headers.get("x-ms-client-request-id"));
    context["activityId"] = activity;
    json::object inner;
    inner["code"] = error.code;
    inner["message"] = error.status == 403 ? "Caller is not authorized to perform this action"
                       : error.permanent   ? "Request is invalid and cannot be executed."
                                           : "Request cannot be executed at the moment.";
    inner["@type"] = error.type;
    inner["@message"] = error.what();
    inner["@context"] = std::move(context);
    inner["@permanent"] = error.permanent;
    json::object root;
    root["error"] = std::move(inner);
    answer.headers.add("Content-Type", "application/json; charset=utf-8");
    answer.body = json::serialize(root);
    return answer;
}

kusto_service::kusto_service(kusto_settings settings, engine& target,
                             token_registry const& access_tokens, token_registry& identity_tokens)
    : settings_(std::move(settings)),
      engine_(target),
      access_tokens_(access_tokens),
      identity_tokens_(identity_tokens)
{
}

response kusto_service::metadata(request const& http) const
{
    // Whoever sends this does not know yet whether the host may have it.
    if (http.headers.has("Authorization"))
        throw bad_request("the metadata are for everybody, and there is an Authorization header.");
    json::object azure;
    azure["LoginEndpoint"] = settings_.authority_url;
    azure["LoginMfaRequired"] = false;
    azure["KustoClientAppId"] = "db662dc1-0cfe-4e1c-a843-19a68e65be58";
    azure["KustoClientRedirectUri"] = "https://microsoft/kustoclient";
    azure["KustoServiceResourceId"] = settings_.resource_id;
    azure["FirstPartyAuthorityUrl"] = settings_.authority_url + "/" + settings_.tenant;
    json::object root;
    root["AzureAD"] = std::move(azure);
    response answer;
    answer.headers.add("Content-Type", "application/json; charset=utf-8");
    answer.body = json::serialize(root);
    return answer;
}

std::optional<std::string> kusto_service::bearer(request const& http)
{
    auto const header = http.headers.get("Authorization");
    constexpr std::string_view scheme = "Bearer ";
    if (!equal_no_case(header.substr(0, scheme.size()), scheme))
        return std::nullopt;
    return std::string(header.substr(scheme.size()));
}

token_state kusto_service::authorized(request const& http) const
{
    if (!settings_.authentication)
        return token_state::good;
    auto const token = bearer(http);
    return token ? access_tokens_.state(*token) : token_state::bad;
}

principal kusto_service::caller(request const& http) const
{
    auto const token = bearer(http);
    auto const subject = token ? access_tokens_.subject(*token) : std::nullopt;
    principal out;
    out.client_id = settings_.client_id;
    out.tenant = settings_.tenant;
    out.role = settings_.role;
    if (!subject)
        return out;
    out.user = subject->user;
    out.object_id = subject->object_id;
    if (!subject->client_id.empty())
        out.client_id = subject->client_id;
    return out;
}

response kusto_service::challenge() const
{
    response answer;
    answer.status = 401;
    answer.headers.add("WWW-Authenticate", "Bearer realm=\"\", authorization_uri=\"" +
                                               settings_.authority_url + "/" + settings_.tenant +
                                               "\", error=\"insufficient_claims\", claims=\"" +
                                               base64_encode(access_tokens_.demanded()) + "\"");
    answer.headers.add("Content-Type", "text/plain");
    answer.body = "Unauthorized: the bearer token lacks claims";
    return answer;
}

response kusto_service::unauthorized(std::string const& reason) const
{
    response answer;
    answer.status = 401;
    answer.headers.add("WWW-Authenticate", "Bearer authorization_uri=" + settings_.authority_url +
                                               "/" + settings_.tenant);
    answer.headers.add("Content-Type", "text/plain");
    answer.body = "Unauthorized: " + reason;
    return answer;
}

response kusto_service::handle(kusto_role role, request const& http)
{
    auto const activity = random_guid();
    response answer;
    try
    {
        if (http.path == "/v1/rest/auth/metadata" && http.method == "GET")
            answer = metadata(http);
        else if (auto const state = authorized(http); state == token_state::good)
            answer = execute(role, http);
        else if (state == token_state::challenged)
            answer = challenge();
        else
            answer = unauthorized("the bearer token is missing, unknown or expired");
    }
    catch (engine_error const& error)
    {
        answer = render(error, http, activity);
    }
    auto const client_id = http.headers.get("x-ms-client-request-id");
    answer.headers.set("x-ms-client-request-id",
                       client_id.empty() ? "unspecified;" + random_guid() : std::string(client_id));
    answer.headers.set("x-ms-activity-id", activity);
    return answer;
}

kusto_service::statement kusto_service::parse_body(std::string const& body)
{
    json::error_code error;
    auto const document = json::parse(body, error);
    if (error || !document.is_object())
        throw bad_request("the body is not a JSON object.");
    auto const& members = document.as_object();
    if (auto const* properties = members.if_contains("properties"); properties != nullptr)
        check_properties(*properties);
    return {text_member(members, "db"), text_member(members, "csl")};
}

kusto_service::statement kusto_service::parse(request const& http) const
{
    statement out;
    if (http.method == "GET")
    {
        query_parameters const query(http.query);
        out = {query.get("db"), query.get("csl")};
    }
    else
    {
        auto const type = lower_case(http.headers.get("Content-Type"));
        if (type.rfind("application/json", 0) != 0)
            throw engine_error(415, "General_BadRequest", bad_request_type,
                               "Content-Type must be application/json.");
        out = parse_body(http.body);
    }
    if (skip_leading(out.text).empty())
        throw bad_request("'csl' is missing or empty.");
    if (out.database.empty())
        out.database = "NetDefaultDB";
    return out;
}

response kusto_service::execute(kusto_role role, request const& http)
{
    bool const management = http.path == "/v1/rest/mgmt";
    bool const query_v2 = http.path == "/v2/rest/query";
    if (!management && !query_v2 && http.path != "/v1/rest/query")
        throw engine_error(404, "General_NotFound", "Kusto.Data.Exceptions.KustoNotFoundException",
                           "The local cluster has no " + http.path);
    if (http.method != "POST" && (management || http.method != "GET"))
        throw engine_error(405, "General_BadRequest", bad_request_type,
                           http.method + " is not allowed for " + http.path);
    auto const table = run(role, management, parse(http), caller(http));
    response answer;
    answer.headers.add("Content-Type", "application/json; charset=utf-8");
    answer.body = query_v2 ? render_v2(table) : render_v1(table);
    return answer;
}

result_table kusto_service::run(kusto_role role, bool management, statement const& what,
                                principal const& who)
{
    bool const is_command = skip_leading(what.text).substr(0, 1) == ".";
    if (management && !is_command)
        throw bad_request("a management command must begin with '.'; send queries to "
                          "/v1/rest/query or /v2/rest/query.");
    if (!management && is_command)
        throw bad_request("a query must not begin with '.'; send management commands to "
                          "/v1/rest/mgmt.");
    auto const command = is_command ? command_of(what.text) : known_command::other;
    if (command == known_command::version)
        return version(role);
    if (role == kusto_role::engine && is_command)
    {
        if (auto answer = run_principal_command(what, who))
            return std::move(*answer);
    }
    check_permission(what.text, who);
    bool const ingestion_command = command != known_command::other;
    if (role == kusto_role::ingestion)
    {
        if (!ingestion_command)
            throw wrong_endpoint_for_engine_command(settings_.engine_url);
        return run_ingestion_command(command == known_command::identity);
    }
    if (ingestion_command)
        throw wrong_endpoint(settings_.ingestion_url);
    if (!engine_.has_database(what.database))
        throw unknown_database(what.database);
    return management ? engine_.command(what.database, what.text)
                      : engine_.query(what.database, what.text);
}

std::optional<result_table> kusto_service::run_principal_command(statement const& what,
                                                                 principal const& who)
{
    auto const question = principal_question::parse(what.text);
    if (!question)
        return std::nullopt;
    question->check_permission(who);
    auto const& database = question->database.empty() ? what.database : question->database;
    if (!engine_.has_database(database))
        throw unknown_database(database);
    if (!question->table.empty())
        static_cast<void>(
            engine_.command(database, ".show table ['" + question->table + "'] cslschema"));
    return question->answer(who, database);
}

void kusto_service::check_permission(std::string const& text, principal const& who) const
{
    if (is_allowed(settings_.role, text))
        return;
    auto const begin = skip_leading(text);
    bool const command = begin.substr(0, 1) == ".";
    auto const verb = begin.substr(0, begin.find_first_of(" \t\r\n"));
    throw engine_error(403, "Forbidden",
                       "Kusto.DataNode.Exceptions.UnauthorizedDatabaseAccessException",
                       "Principal '" + who.name() + "' is not authorized to perform operation '" +
                           (command ? std::string(verb) : "Query") + "'.");
}

result_table kusto_service::run_ingestion_command(bool identity)
{
    result_table out;
    if (identity)
    {
        out.columns = {{"AuthorizationContext", "string"}};
        std::vector<cell> row(1);
        row[0] = identity_tokens_.issue();
        out.rows.push_back(std::move(row));
        return out;
    }
    out.columns = {{"ResourceTypeName", "string"}, {"StorageRoot", "string"}};
    for (auto& resource : settings_.resources())
    {
        std::vector<cell> row(2);
        row[0] = std::move(resource.type);
        row[1] = std::move(resource.url);
        out.rows.push_back(std::move(row));
    }
    ++resource_calls_;
    return out;
}

result_table kusto_service::version(kusto_role role) const
{
    result_table out;
    out.columns = {{"BuildVersion", "string"},
                   {"BuildTime", "datetime"},
                   {"ServiceType", "string"},
                   {"ProductVersion", "string"}};
    std::vector<cell> row(4);
    row[0] = std::string("1.0.0.0");
    using namespace std::chrono;
    auto const days = sys_days(year(2026) / 1 / 1) - sys_days(year(1) / 1 / 1);
    row[1] = std::int64_t(days.count()) * 864'000'000'000; // ticks of 100 ns
    row[2] = std::string(role == kusto_role::engine ? "Engine" : "DataManagement");
    row[3] = std::string("kusto-cpp local cluster");
    out.rows.push_back(std::move(row));
    return out;
}

} // namespace kusto::emulator
