#include <emulator/server/login_answer.hpp>

#include <base/guid.hpp>
#include <boost/json.hpp>

namespace kusto::emulator
{

namespace json = boost::json;

namespace
{

bool is_guid(std::string_view text)
{
    return base::guid::parse(text).has_value();
}

} // namespace

login_refusal bad_client(int code, std::string const& text)
{
    return login_refusal(401, "invalid_client", code, text);
}

login_refusal bad_login(int code, std::string const& text)
{
    return login_refusal(400, "invalid_request", code, text);
}

login_refusal malformed_request(int status, std::string const& why)
{
    return login_refusal(status, "invalid_request", 9002313,
                         "Invalid request. Request is malformed or invalid: " + why + ".");
}

response login_json(int status, json::object const& body)
{
    response answer;
    answer.status = status;
    answer.headers.add("Content-Type", "application/json; charset=utf-8");
    answer.headers.add("Cache-Control", "no-store, no-cache");
    answer.headers.add("Pragma", "no-cache");
    answer.body = json::serialize(body);
    return answer;
}

response login_error(login_refusal const& refusal, request const& http, system_time now)
{
    auto const trace = random_guid();
    auto const* const asked = http.headers.find("client-request-id");
    auto const correlation = asked != nullptr && is_guid(*asked) ? *asked : random_guid();
    auto const code = std::to_string(refusal.code);
    auto time = iso_time(now);
    time[10] = ' ';
    json::array codes;
    codes.push_back(refusal.code);
    json::object body;
    body["error"] = refusal.error;
    body["error_description"] = "AADSTS" + code + ": " + refusal.what() + " Trace ID: " + trace +
                                " Correlation ID: " + correlation + " Timestamp: " + time;
    body["error_codes"] = std::move(codes);
    body["timestamp"] = time;
    body["trace_id"] = trace;
    body["correlation_id"] = correlation;
    body["error_uri"] = "https://login.microsoftonline.com/error?code=" + code;
    return login_json(refusal.status, body);
}

} // namespace kusto::emulator
