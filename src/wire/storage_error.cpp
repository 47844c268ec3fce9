#include <wire/storage.hpp>

#include <algorithm>
#include <iterator>
#include <wire/json.hpp>
#include <wire/xml.hpp>

namespace kusto::wire
{

namespace
{

struct known_code
{
    std::string_view code;
    storage_action action;
};

/// Codes whose treatment does not follow from the status alone.
constexpr known_code known_codes[]{
    {"Md5Mismatch", storage_action::retry},
    {"Crc64Mismatch", storage_action::retry},
    {"InvalidBlockList", storage_action::restart_upload},
    {"AuthenticationFailed", storage_action::refresh_resources},
    {"AuthorizationFailure", storage_action::refresh_resources},
    {"AuthorizationPermissionMismatch", storage_action::refresh_resources},
    {"InsufficientAccountPermissions", storage_action::refresh_resources},
    {"AuthorizationProtocolMismatch", storage_action::permanent},
    {"AuthorizationSourceIPMismatch", storage_action::permanent},
    {"AuthorizationServiceMismatch", storage_action::permanent},
    {"AuthorizationResourceTypeMismatch", storage_action::permanent},
    {"AccountIsDisabled", storage_action::switch_account},
    {"UnauthorizedBlobOverwrite", storage_action::already_there},
    {"BlobAlreadyExists", storage_action::already_there},
    {"EntityAlreadyExists", storage_action::already_there},
    {"ContainerNotFound", storage_action::refresh_resources},
    {"QueueNotFound", storage_action::refresh_resources},
    {"TableNotFound", storage_action::refresh_resources},
    {"ResourceNotFound", storage_action::refresh_resources},
    {"ContainerBeingDeleted", storage_action::refresh_resources},
    {"ContainerDisabled", storage_action::refresh_resources},
    {"QueueBeingDeleted", storage_action::refresh_resources},
    {"QueueDisabled", storage_action::refresh_resources},
    {"TableBeingDeleted", storage_action::refresh_resources},
    {"ServerBusy", storage_action::switch_account},
    {"FeatureNotSupported", storage_action::permanent},
    {"MemoryExtentStoreAtSizeLimit", storage_action::switch_account},
};

storage_action action_for_status(int status)
{
    if (status == 503 || status == 429)
        return storage_action::switch_account;
    if (is_transient_status(status))
        return storage_action::retry;
    if (status == 403 || status == 404)
        return storage_action::refresh_resources;
    return storage_action::permanent;
}

storage_action action_for(std::string_view code, int status)
{
    auto const found = std::find_if(std::begin(known_codes), std::end(known_codes),
                                    [code](known_code const& known) { return known.code == code; });
    return found == std::end(known_codes) ? action_for_status(status) : found->action;
}

errc code_for(int status)
{
    if (status == 401 || status == 403)
        return errc::access_denied;
    if (status == 404)
        return errc::not_found;
    if (status == 429 || status == 503)
        return errc::throttled;
    return is_transient_status(status) ? errc::service_unavailable : errc::request_rejected;
}

std::string message_for(errc code)
{
    switch (code)
    {
    case errc::access_denied:
        return "the storage account refused the signature that the service gave out";
    case errc::not_found:
        return "the container, queue or table is gone";
    case errc::throttled:
        return "the storage account is throttling";
    case errc::service_unavailable:
        return "the storage account is unavailable for the moment";
    default:
        return "the storage account refused the request";
    }
}

struct storage_text
{
    std::string code;
    std::string message;
};

storage_text read_json(std::string_view body)
{
    storage_text read;
    auto const document = parse_json(body);
    if (!document)
        return read;
    auto const* error = member(*document, "odata.error");
    if (error == nullptr)
        error = member(*document, "error");
    if (error == nullptr)
        return read;
    read.code = std::string(text_member(*error, "code"));
    read.message = std::string(text_member(*error, "message"));
    if (auto const* const message = member(*error, "message"); message && message->is_object())
        read.message = std::string(text_member(*message, "value"));
    return read;
}

/// The detail of a failed authentication holds the string that was to be signed, unless it is about
/// the time frame.
storage_text read_xml(std::string_view body)
{
    storage_text read;
    read.code = xml_text(body, "Code");
    read.message = xml_text(body, "Message");
    auto const detail = xml_text(body, "AuthenticationErrorDetail");
    if (detail.starts_with("Signature not valid in the specified time frame"))
        read.message += ' ' + detail;
    for (char const* name : {"Reason", "QueryParameterName", "HeaderName", "MaxLimit"})
    {
        auto const text = xml_text(body, name);
        if (!text.empty())
            read.message.append(" ").append(name).append(": ").append(text);
    }
    return read;
}

storage_text read_body(std::string_view body)
{
    constexpr std::size_t most = 64 * 1024;
    body = body.substr(0, most);
    auto const begin = body.find_first_of("<{");
    if (begin == std::string_view::npos)
        return storage_text{{}, std::string(body)};
    if (body[begin] == '{')
        return read_json(body.substr(begin));
    auto read = read_xml(body);
    if (read.code.empty() && read.message.empty())
        read.message = std::string(body.substr(0, 512));
    return read;
}

} // namespace

storage_failure parse_storage_error(reply const& from)
{
    auto read = read_body(from.body);
    auto const header = from.header("x-ms-error-code");
    if (!header.empty())
        read.code = std::string(header);
    auto const action = action_for(read.code, from.status);
    auto const code = code_for(from.status);
    auto why = from.fail(code, message_for(code));
    why.service_code(printable(read.code, 128)).server_text(printable(read.message));
    why.retryable(action != storage_action::permanent && action != storage_action::already_there);
    if (may_be_done(from.status, read.code) && action != storage_action::permanent)
        why.outcome(outcome::unknown);
    return storage_failure(std::move(why), action);
}

} // namespace kusto::wire
