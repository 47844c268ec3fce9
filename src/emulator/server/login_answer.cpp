#include <emulator/server/login_answer.hpp>

#include <boost/json.hpp>
#include <emulator/server/encoding.hpp>

namespace kusto::emulator
{

namespace json = boost::json;

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

response login_error(int status, std::string const& error, int code, std::string const& text)
{
    auto const trace = random_guid();
    auto const correlation = random_guid();
    auto time = iso_time(std::chrono::system_clock::now());
    time[10] = ' ';
    json::array codes;
    codes.push_back(code);
    json::object body;
    body["error"] = error;
    body["error_description"] = "AADSTS" + std::to_string(code) + ": " + text +
                                " Trace ID: " + trace + " Correlation ID: " + correlation +
                                " Timestamp: " + time;
    body["error_codes"] = std::move(codes);
    body["timestamp"] = time;
    body["trace_id"] = trace;
    body["correlation_id"] = correlation;
    body["error_uri"] = "https://login.microsoftonline.com/error?code=" + std::to_string(code);
    return login_json(status, body);
}

} // namespace kusto::emulator
