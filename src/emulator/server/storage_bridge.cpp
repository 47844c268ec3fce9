#include <emulator/server/storage_bridge.hpp>

#include <emulator/server/storage_error.hpp>

namespace kusto::emulator
{

namespace
{

/// The service's own reports do not depend on what a fault script has expired meanwhile.
constexpr system_time always = system_time::min();

struct split_url
{
    std::string host;
    std::string port;
    std::string target; ///< path and query
};

std::optional<split_url> split(std::string const& url)
{
    auto const scheme_end = url.find("://");
    if (scheme_end == std::string::npos)
        return std::nullopt;
    auto const scheme = url.substr(0, scheme_end);
    auto const start = scheme_end + 3;
    auto const path = url.find('/', start);
    if ((scheme != "http" && scheme != "https") || path == std::string::npos)
        return std::nullopt;
    auto const authority = url.substr(start, path - start);
    auto const colon = authority.rfind(':');
    split_url out;
    out.host = authority.substr(0, colon);
    out.port = colon == std::string::npos ? std::string() : authority.substr(colon + 1);
    out.target = url.substr(path);
    return out;
}

char const* download_code(storage_error const& error)
{
    if (error.status == 403)
        return "Download_Forbidden";
    if (error.code == "ResourceNotFound")
        return "Download_AccountNotFound";
    return error.status == 404 ? "Download_SourceNotFound" : "Download_BadRequest";
}

storage_access::download refused(std::string code, std::string details)
{
    storage_access::download out;
    out.error_code = std::move(code);
    out.details = std::move(details);
    return out;
}

} // namespace

storage_bridge::storage_bridge(storage& target, token_registry const& identity_tokens)
    : storage_(target),
      identity_tokens_(identity_tokens)
{
}

storage_access::download storage_bridge::fetch(std::string const& url_with_sas, system_time posted)
{
    auto const url = split(url_with_sas);
    if (!url)
        return refused("BadRequest_InvalidBlobUri", "The blob path is not an http(s) URL.");
    bool const local = url->host == "127.0.0.1" || url->host == "localhost";
    if (!local || url->port != std::to_string(port_))
        return refused("Download_AccountNotFound",
                       "The local cluster reads only its own storage, not '" + url->host + ":" +
                           url->port + "'.");
    try
    {
        auto const target = storage_.authorize_url(url->target, {"r"}, posted);
        download out;
        out.discarded = storage_.blobs().discarded(target);
        if (out.discarded && !out.discarded->inside.valid)
            return refused("BadRequest_InvalidBlob", "The content is not valid gzip.");
        if (!out.discarded)
            out.bytes = storage_.blobs().content(target);
        out.ok = true;
        storage_.blobs().mark_ingested(target);
        return out;
    }
    catch (storage_error const& error)
    {
        // The authentication detail of storage would show the string to sign; the code suffices.
        return refused(download_code(error), error.code + ": " + error.what());
    }
}

void storage_bridge::remove(std::string const& url_with_sas)
{
    auto const url = split(url_with_sas);
    if (!url)
        return;
    try
    {
        storage_.blobs().remove(storage_.authorize_url(url->target, {"d"}, always));
    }
    catch (storage_error const&)
    {
        // Without permission to delete the blob stays, as at the service.
        return;
    }
}

void storage_bridge::merge_status(std::string const& table_url_with_sas,
                                  std::string const& partition_key, std::string const& row_key,
                                  std::map<std::string, std::string> const& properties)
{
    auto const url = split(table_url_with_sas);
    if (!url)
        return;
    try
    {
        auto const target = storage_.authorize_url(url->target, {"u"}, always);
        if (target.service == storage_service::table)
            storage_.tables().merge(target, partition_key, row_key, properties, storage_.now());
    }
    catch (storage_error const&)
    {
        // A status that cannot be written is lost; the ingestion itself is not affected.
        return;
    }
}

void storage_bridge::notify(bool success, std::string const& json)
{
    storage_.notify(success, json);
}

bool storage_bridge::accepts_identity(std::string const& authorization_context, system_time posted)
{
    return identity_tokens_.valid(authorization_context, posted);
}

} // namespace kusto::emulator
