#include <emulator/engine.hpp>
#include <emulator/server/fault_answers.hpp>
#include <emulator/server/identity_answer.hpp>
#include <emulator/server/kusto_service.hpp>
#include <emulator/server/login_answer.hpp>
#include <emulator/server/storage_error.hpp>

namespace kusto::emulator
{

namespace
{

struct known_error
{
    int status;
    char const* code;
    char const* text;
};

constexpr known_error storage_errors[] = {
    {400, "InvalidInput", "One of the request inputs is not valid."},
    {401, "NoAuthenticationInformation", "Server failed to authenticate the request."},
    {403, "AuthenticationFailed",
     "Server failed to authenticate the request. Make sure the value of Authorization header is "
     "formed correctly including the signature."},
    {404, "ResourceNotFound", "The specified resource does not exist."},
    {409, "ResourceAlreadyExists", "The specified resource already exists."},
    {412, "ConditionNotMet",
     "The condition specified using HTTP conditional header(s) is not met."},
    {413, "RequestBodyTooLarge",
     "The request body is too large and exceeds the maximum permissible limit."},
    {429, "TooManyRequests", "The server is currently unable to receive more requests."},
    {500, "InternalError", "The server encountered an internal error. Please retry the request."},
    {503, "ServerBusy",
     "The server is currently unable to receive requests. Please retry your request."},
};

constexpr known_error kusto_errors[] = {
    {403, "Forbidden", "Principal is not authorized to perform this operation."},
    {404, "General_NotFound", "The requested entity was not found."},
    {429, "TooManyRequests", "Request is denied due to throttling."},
    {500, "General_InternalServerError", "An internal service error has occurred."},
    {503, "General_ServiceUnavailable", "The service is not available at the moment."},
    {504, "Gateway_Timeout", "The request has timed out."},
    {520, "General_UnexpectedError", "The service has met an unexpected error."},
};

template <std::size_t N>
known_error find(known_error const (&errors)[N], int status, known_error fallback)
{
    for (auto const& error : errors)
    {
        if (error.status == status)
            return error;
    }
    return fallback;
}

/// The code that the rule gives, or the one of that status.
std::string code_of(fault const& rule, known_error const& usual)
{
    return rule.service_code().empty() ? usual.code : rule.service_code();
}

bool is_permanent(fault const& rule)
{
    bool const usual = rule.code() < 500 && rule.code() != 408 && rule.code() != 429;
    return rule.permanent().value_or(usual);
}

response kusto_refusal(fault const& rule, request const& http)
{
    auto const usual =
        find(kusto_errors, rule.code(), {rule.code(), "General_BadRequest", "Request is invalid."});
    char const* type = rule.code() == 429
                           ? "Kusto.Common.Svc.Exceptions.KustoRequestThrottledException"
                       : rule.code() < 500 ? "Kusto.Data.Exceptions.KustoBadRequestException"
                                           : "Kusto.Data.Exceptions.KustoServicePartialQueryFailure"
                                             "Exception";
    auto const activity = random_guid();
    auto answer = render(
        engine_error(rule.code(), code_of(rule, usual), type, usual.text, is_permanent(rule)), http,
        activity);
    auto const client_id = http.headers.get("x-ms-client-request-id");
    if (!client_id.empty())
        answer.headers.set("x-ms-client-request-id", std::string(client_id));
    answer.headers.set("x-ms-activity-id", activity);
    return answer;
}

response token_refusal(fault const& rule, request const& http, system_time now)
{
    bool const transient = !is_permanent(rule);
    auto const* const usual = transient ? "temporarily_unavailable" : "invalid_request";
    login_refusal const why(rule.code(), rule.service_code().empty() ? usual : rule.service_code(),
                            transient ? 90033 : 900144,
                            transient ? "A transient error has occurred. Please try again."
                                      : "The request is not valid.");
    return login_error(why, http, now);
}

response host_refusal(fault const& rule, request const& http)
{
    auto const code = rule.service_code().empty() ? "unknown_error" : rule.service_code();
    return identity_error(identity_refusal(rule.code(), code, "The request could not be served."),
                          error_form_of(http));
}

response storage_refusal(fault const& rule, fault_route route, request const& http)
{
    bool const table = route == fault_route::insert_status || route == fault_route::read_status;
    bool const json = table && rule.code() != 401 && rule.code() != 403 && rule.code() != 415;
    auto const usual = find(storage_errors, rule.code(),
                            {rule.code(), rule.code() < 500 ? "InvalidInput" : "InternalError",
                             "The request could not be served."});
    auto const id = random_guid();
    auto answer = render(storage_error(rule.code(), code_of(rule, usual), usual.text), json, id);
    answer.headers.set("x-ms-request-id", id);
    for (char const* name : {"x-ms-version", "x-ms-client-request-id"})
    {
        if (auto const* value = http.headers.find(name); value != nullptr)
            answer.headers.set(name, *value);
    }
    if (http.method == "HEAD")
        answer.body.clear();
    return answer;
}

void add_retry_after(response& into, fault const& rule, system_time now)
{
    if (!rule.retry_after())
        return;
    auto const wait = *rule.retry_after();
    auto const seconds = std::chrono::ceil<std::chrono::seconds>(wait);
    switch (rule.retry_form())
    {
    case retry_after_form::seconds:
        into.headers.set("Retry-After", std::to_string(seconds.count()));
        return;
    case retry_after_form::http_date:
        into.headers.set("Retry-After",
                         http_date(std::chrono::ceil<std::chrono::seconds>(now + wait)));
        return;
    case retry_after_form::milliseconds:
        into.headers.set("retry-after-ms", std::to_string(wait.count()));
        return;
    case retry_after_form::x_ms:
        into.headers.set("x-ms-retry-after-ms", std::to_string(wait.count()));
        return;
    }
}

} // namespace

response refusal(fault const& rule, port_role port, request const& http, system_time now)
{
    auto const route = classify(port, http).route;
    bool const kusto = http.path.rfind("/v1/rest/", 0) == 0 || http.path.rfind("/v2/rest/", 0) == 0;
    auto answer = port == port_role::storage              ? storage_refusal(rule, route, http)
                  : port == port_role::managed_identity   ? host_refusal(rule, http)
                  : kusto || port == port_role::ingestion ? kusto_refusal(rule, http)
                                                          : token_refusal(rule, http, now);
    add_retry_after(answer, rule, now);
    return answer;
}

response garbage()
{
    response answer;
    answer.headers.add("Content-Type", "text/html");
    answer.body = "<html><head><title>Sign in to this network</title></head><body>{\"</body>";
    return answer;
}

} // namespace kusto::emulator
