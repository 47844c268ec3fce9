#include <emulator/server/storage_error.hpp>

#include <boost/json.hpp>
#include <emulator/server/encoding.hpp>

namespace kusto::emulator
{

storage_error missing_header(std::string const& name)
{
    return storage_error(400, "MissingRequiredHeader",
                         "An HTTP header that's mandatory for this request is not specified.")
        .with("HeaderName", name);
}

storage_error invalid_header(std::string const& name, std::string const& value,
                             std::string const& reason)
{
    storage_error error(400, "InvalidHeaderValue",
                        "The value for one of the HTTP headers is not in the correct format.");
    error.details = {{"HeaderName", name}, {"HeaderValue", value}};
    if (!reason.empty())
        error.details.emplace_back("Reason", reason);
    return error;
}

storage_error invalid_parameter(std::string const& name, std::string const& value,
                                std::string const& reason)
{
    storage_error error(400, "InvalidQueryParameterValue",
                        "Value for one of the query parameters specified in the request URI is "
                        "invalid.");
    error.details = {
        {"QueryParameterName", name}, {"QueryParameterValue", value}, {"Reason", reason}};
    return error;
}

storage_error invalid_xml()
{
    return storage_error(400, "InvalidXmlDocument", "XML specified is not syntactically valid.");
}

storage_error unsupported_verb()
{
    return storage_error(405, "UnsupportedHttpVerb",
                         "The resource doesn't support specified Http Verb.");
}

storage_error body_too_large(std::uint64_t limit)
{
    return storage_error(413, "RequestBodyTooLarge",
                         "The request body is too large and exceeds the maximum permissible limit.")
        .with("MaxLimit", std::to_string(limit));
}

response render(storage_error const& error, bool json, std::string const& request_id)
{
    response answer;
    answer.status = error.status;
    answer.headers.add("x-ms-error-code", error.code);
    std::string const text = std::string(error.what()) + "\nRequestId:" + request_id +
                             "\nTime:" + iso_time(std::chrono::system_clock::now(), true);
    if (json)
    {
        boost::json::object message;
        message["lang"] = "en-US";
        message["value"] = text;
        boost::json::object inner;
        inner["code"] = error.code;
        inner["message"] = std::move(message);
        boost::json::object root;
        root["odata.error"] = std::move(inner);
        answer.body = boost::json::serialize(root);
        answer.headers.add("Content-Type", "application/json;odata=minimalmetadata");
        return answer;
    }
    answer.body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>" +
                  xml_escape(error.code) + "</Code><Message>" + xml_escape(text) + "</Message>";
    for (auto const& [name, value] : error.details)
        answer.body += "<" + name + ">" + xml_escape(value) + "</" + name + ">";
    answer.body += "</Error>";
    answer.headers.add("Content-Type", "application/xml");
    return answer;
}

} // namespace kusto::emulator
