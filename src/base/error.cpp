#include <kusto/error.hpp>

#include <utility>

namespace kusto
{

std::string_view to_string(errc code) noexcept
{
    switch (code)
    {
    case errc::invalid_option: return "invalid option";
    case errc::invalid_connection_string: return "invalid connection string";
    case errc::invalid_url: return "invalid URL";
    case errc::untrusted_endpoint: return "untrusted endpoint";
    case errc::invalid_record: return "invalid record";
    case errc::invalid_utf8: return "invalid UTF-8";
    case errc::record_too_large: return "record too large";
    case errc::host_not_found: return "host not found";
    case errc::connect_failed: return "connection failed";
    case errc::proxy_refused: return "proxy refused";
    case errc::certificate_rejected: return "certificate rejected";
    case errc::tls_failed: return "TLS failed";
    case errc::connection_lost: return "connection lost";
    case errc::timed_out: return "timed out";
    case errc::malformed_reply: return "malformed reply";
    case errc::reply_too_large: return "reply too large";
    case errc::redirect_refused: return "redirect refused";
    case errc::authentication_failed: return "authentication failed";
    case errc::credential_unavailable: return "credential unavailable";
    case errc::access_denied: return "access denied";
    case errc::not_found: return "not found";
    case errc::wrong_endpoint: return "wrong endpoint";
    case errc::no_resources: return "no ingestion resources";
    case errc::throttled: return "throttled";
    case errc::service_unavailable: return "service unavailable";
    case errc::request_rejected: return "request rejected";
    case errc::query_failed: return "query failed";
    case errc::ingestion_failed: return "ingestion failed";
    case errc::partially_ingested: return "partially ingested";
    case errc::ledger_in_use: return "ledger in use";
    case errc::ledger_damaged: return "ledger damaged";
    case errc::ledger_outdated: return "ledger outdated";
    case errc::disk_failed: return "disk failed";
    case errc::backlog_full: return "backlog full";
    case errc::schema_mismatch: return "schema mismatch";
    case errc::table_unsuited: return "table unsuited";
    case errc::closed: return "closed";
    case errc::sink_stopped: return "sink stopped";
    case errc::cancelled: return "cancelled";
    case errc::outcome_unknown: return "outcome unknown";
    }
    return "unknown error";
}

std::string_view to_string(stage where) noexcept
{
    switch (where)
    {
    case stage::options: return "options";
    case stage::encode: return "encode";
    case stage::buffer: return "buffer";
    case stage::compress: return "compress";
    case stage::resolve: return "resolve";
    case stage::connect: return "connect";
    case stage::handshake: return "handshake";
    case stage::send: return "send";
    case stage::receive: return "receive";
    case stage::metadata: return "metadata";
    case stage::token: return "token";
    case stage::resources: return "resources";
    case stage::upload: return "upload";
    case stage::post: return "post";
    case stage::ingest: return "ingest";
    case stage::command: return "command";
    case stage::query: return "query";
    case stage::ledger: return "ledger";
    case stage::commit: return "commit";
    case stage::sink: return "sink";
    }
    return "unknown stage";
}

namespace
{

class category final : public boost::system::error_category
{
public:
    char const* name() const noexcept override { return "kusto"; }
    std::string message(int value) const override
    {
        return std::string(to_string(static_cast<errc>(value)));
    }
};

void add(std::string& line, std::string_view label, std::string_view value)
{
    if (value.empty())
        return;
    line += label;
    line += value;
}

} // namespace

boost::system::error_category const& kusto_category() noexcept
{
    static category const instance;
    return instance;
}

boost::system::error_code make_error_code(errc code) noexcept
{
    return boost::system::error_code(static_cast<int>(code), kusto_category());
}

failure::failure(errc code, kusto::stage where, std::string message)
    : code_(code), stage_(where), message_(std::move(message))
{
}

failure& failure::host(std::string value)
{
    host_ = std::move(value);
    return *this;
}

failure& failure::status(int value)
{
    status_ = value;
    return *this;
}

failure& failure::service_code(std::string value)
{
    service_code_ = std::move(value);
    return *this;
}

failure& failure::server_text(std::string value)
{
    server_text_ = std::move(value);
    return *this;
}

failure& failure::request_id(std::string value)
{
    request_id_ = std::move(value);
    return *this;
}

failure& failure::activity_id(std::string value)
{
    activity_id_ = std::move(value);
    return *this;
}

failure& failure::source_id(std::string value)
{
    source_id_ = std::move(value);
    return *this;
}

failure& failure::attempts(int value)
{
    attempts_ = value;
    return *this;
}

failure& failure::retryable(bool value)
{
    retryable_ = value;
    return *this;
}

failure& failure::outcome(kusto::outcome value)
{
    outcome_ = value;
    return *this;
}

failure& failure::retry_after(std::chrono::milliseconds value)
{
    retry_after_ = value;
    return *this;
}

failure& failure::where(kusto::stage value)
{
    stage_ = value;
    return *this;
}

std::string failure::describe() const
{
    std::string line(to_string(stage_));
    line += ": ";
    line += to_string(code_);
    add(line, ": ", message_);
    add(line, " [host ", host_);
    if (!host_.empty())
        line += ']';
    if (status_ != 0)
        line += " [status " + std::to_string(status_) + ']';
    add(line, " [service code ", service_code_);
    if (!service_code_.empty())
        line += ']';
    add(line, " [request ", request_id_);
    if (!request_id_.empty())
        line += ']';
    add(line, " [activity ", activity_id_);
    if (!activity_id_.empty())
        line += ']';
    add(line, " [batch ", source_id_);
    if (!source_id_.empty())
        line += ']';
    if (attempts_ > 1)
        line += " [attempts " + std::to_string(attempts_) + ']';
    if (outcome_ == kusto::outcome::unknown)
        line += " [outcome unknown]";
    add(line, " [server said: ", server_text_);
    if (!server_text_.empty())
        line += ']';
    return line;
}

error::error(failure what)
    : boost::system::system_error(make_error_code(what.code()), what.describe()),
      failure_(std::move(what))
{
}

void throw_exception_from_error(failure const& what, boost::source_location const&)
{
    throw error(what);
}

} // namespace kusto
