#include <wire/management.hpp>
#include <wire/service_error.hpp>

#include <base/ascii.hpp>

namespace kusto::wire
{

namespace
{

bool contains(std::string_view text, std::string_view part) noexcept
{
    return text.find(part) != std::string_view::npos;
}

/// The first URL in a text, without query and without the punctuation around it.
std::string url_in(std::string_view text)
{
    auto at = text.find("https://");
    if (at == std::string_view::npos)
        at = text.find("http://");
    if (at == std::string_view::npos)
        return {};
    text.remove_prefix(at);
    text = text.substr(0, text.find_first_of(" \t\r\n'\"`<>()[]{},;?#"));
    while (text.ends_with('.') || text.ends_with('/'))
        text.remove_suffix(1);
    return printable(text, 256);
}

errc code_for_status(int status, stage where)
{
    switch (status)
    {
    case 401:
    case 403:
        return errc::access_denied;
    case 404:
        return errc::not_found;
    case 429:
        return errc::throttled;
    default:
        break;
    }
    if (is_transient_status(status))
        return errc::service_unavailable;
    bool const of_a_command = where == stage::command || where == stage::query;
    return of_a_command ? errc::query_failed : errc::request_rejected;
}

std::string message_for(errc code, int status)
{
    switch (code)
    {
    case errc::access_denied:
        return status == 401 ? "the service refused our token"
                             : "the principal lacks a role that this needs";
    case errc::not_found:
        return "no such database, table or service; check the names and the URL";
    case errc::throttled:
        return "the service is throttling; try again later";
    case errc::service_unavailable:
        return "the service is unavailable for the moment";
    case errc::query_failed:
        return "the service could not run the text it was sent";
    default:
        return "the service refused the request";
    }
}

failure wrong_endpoint(reply const& from, std::string_view server_text)
{
    std::string message = "this endpoint does not serve that command: engine and ingestion service "
                          "are two hosts. ";
    auto const suggestion = url_in(server_text);
    message += suggestion.empty() ? "Check cluster_url and ingestion_url"
                                  : "Did you mean " + suggestion + "?";
    return from.fail(errc::wrong_endpoint, std::move(message));
}

/// What one OneApi error object says.
struct one_api
{
    std::string_view code;
    std::string_view inner_code;
    std::string_view type;
    std::string_view text;
    bool has_permanent = false;
    bool permanent = false;
};

one_api read_one_api(json::value const& error)
{
    one_api read;
    read.code = text_member(error, "code");
    read.type = text_member(error, "@type");
    read.text = text_member(error, "@message");
    if (read.text.empty())
        read.text = text_member(error, "message");
    if (auto const* const inner = member(error, "innererror"))
        read.inner_code = text_member(*inner, "code");
    read.has_permanent = member(error, "@permanent") != nullptr;
    read.permanent = flag_member(error, "@permanent");
    return read;
}

errc classify(one_api const& error, int status, stage where)
{
    if (status == 429 || contains(error.type, "Throttled") || error.code == "TooManyRequests")
        return errc::throttled;
    bool const missing = contains(error.code, "NotFound") || contains(error.type, "NotFound") ||
                         contains(error.inner_code, "NotFound");
    if (status == 400 && missing)
        return errc::not_found;
    // An error inside of a reply of status 200 belongs to the text that was run.
    auto const code = status < 300 ? errc::query_failed : code_for_status(status, where);
    if (code == errc::service_unavailable && error.permanent)
        return where == stage::resources ? errc::request_rejected : errc::query_failed;
    return code;
}

bool is_retryable(errc code, one_api const& error, int status)
{
    switch (code)
    {
    case errc::throttled:
        return true;
    case errc::access_denied:
    case errc::not_found:
    case errc::wrong_endpoint:
        return false;
    default:
        break;
    }
    if (error.has_permanent)
        return !error.permanent && status != 413;
    return is_transient_status(status);
}

} // namespace

failure one_api_failure(reply const& from, json::value const& error)
{
    auto const read = read_one_api(error);
    bool const misdirected = contains(read.type, "WrongEndpoint");
    auto const code = misdirected ? errc::wrong_endpoint : classify(read, from.status, from.where);
    auto why = misdirected ? wrong_endpoint(from, read.text)
                           : from.fail(code, message_for(code, from.status));
    why.retryable(is_retryable(code, read, from.status));
    auto const& service_code = read.inner_code.empty() ? read.code : read.inner_code;
    why.service_code(printable(service_code.empty() ? read.type : service_code, 128));
    why.server_text(printable(read.text));
    if (auto const* const context = member(error, "@context"))
    {
        auto const activity = text_member(*context, "activityId");
        if (why.activity_id().empty())
            why.activity_id(printable(activity, 128));
    }
    return why;
}

failure parse_service_error(reply const& from)
{
    constexpr std::size_t most = 64 * 1024;
    auto const document = from.body.size() <= most ? parse_json(from.body) : std::nullopt;
    if (document)
    {
        auto const* const error = member(*document, "error");
        if (error != nullptr && error->is_object())
            return one_api_failure(from, *error);
    }
    one_api nothing;
    auto const code = classify(nothing, from.status, from.where);
    auto why = from.fail(code, message_for(code, from.status));
    why.retryable(is_retryable(code, nothing, from.status));
    auto const text = document ? text_member(*document, "message") : std::string_view();
    why.server_text(printable(text.empty() ? from.body : text));
    return why;
}

} // namespace kusto::wire
