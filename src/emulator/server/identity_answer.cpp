#include <emulator/server/identity_answer.hpp>

#include <algorithm>
#include <boost/json.hpp>
#include <emulator/server/encoding.hpp>

namespace kusto::emulator
{

namespace json = boost::json;

namespace
{

std::string code_of(identity_refusal const& refusal, identity_error_form form)
{
    if (!refusal.code.empty())
        return refusal.code;
    return form == identity_error_form::oauth ? "invalid_request" : "BadRequest";
}

} // namespace

response identity_json(int status, json::object const& body)
{
    response answer;
    answer.status = status;
    answer.headers.add("Content-Type", "application/json; charset=utf-8");
    answer.body = json::serialize(body);
    return answer;
}

response identity_error(identity_refusal const& refusal, identity_error_form form)
{
    json::object body;
    json::object inner;
    switch (form)
    {
    case identity_error_form::oauth:
        body["error"] = code_of(refusal, form);
        body["error_description"] = refusal.what();
        break;
    case identity_error_form::app_service:
        body["statusCode"] = refusal.status;
        body["message"] = refusal.what();
        body["correlationId"] = random_guid();
        break;
    case identity_error_form::nested:
    case identity_error_form::brief:
        if (form == identity_error_form::nested)
            inner["correlationId"] = random_guid();
        inner["code"] = code_of(refusal, form);
        inner["message"] = refusal.what();
        body["error"] = std::move(inner);
        break;
    }
    return identity_json(refusal.status, body);
}

identity_error_form error_form_of(request const& http)
{
    if (http.tls)
        return identity_error_form::nested;
    if (http.path == app_service_path || http.path == learning_path)
        return identity_error_form::app_service;
    return http.path == shell_path ? identity_error_form::brief : identity_error_form::oauth;
}

void require_method(request const& http, char const* method)
{
    if (http.method != method)
        throw identity_refusal(405, "method_not_allowed",
                               std::string("Only ") + method + " is allowed");
}

void require_metadata_header(request const& http)
{
    if (!equal_no_case(http.headers.get("Metadata"), "true"))
        throw identity_refusal(400, "", "Required metadata header not specified");
}

void require_form(request const& http)
{
    auto const given = http.headers.get("Content-Type");
    auto const kind = given.substr(0, given.find_first_of("; \t"));
    if (!equal_no_case(kind, "application/x-www-form-urlencoded"))
        throw identity_refusal(400, "", "The body must be a form");
}

void require_secret(request const& http, char const* header, std::string const& secret)
{
    if (http.headers.get(header) != secret)
        throw identity_refusal(401, "Unauthorized",
                               std::string("The header ") + header + " is missing or wrong");
}

void require_version(exact_parameters const& query, std::initializer_list<char const*> known,
                     char const* code)
{
    auto const given = query.get("api-version");
    if (std::find(known.begin(), known.end(), given) == known.end())
        throw identity_refusal(400, code, "'api-version' is missing or not supported");
}

} // namespace kusto::emulator
