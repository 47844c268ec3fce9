#include <net/tls_stream.hpp>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/errc.hpp>
#include <net/tls_facts.hpp>
#include <new>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <utility>

namespace kusto::net
{

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace
{

// Plain bytes that are encrypted and sent at a time: a few records stay in the processor's cache,
// and a system call and a turn of the executor hardly count beside them.
constexpr std::size_t burst = std::size_t(128) << 10;
constexpr std::size_t record_size = std::size_t(16) << 10;
// Header, nonce, tag and content type of a record, at most.
constexpr std::size_t record_overhead = 64;

std::size_t size_with_overhead(std::size_t plain)
{
    // One more record for the request's header, which is a buffer of its own.
    return plain + (plain / record_size + 2) * record_overhead;
}

/// For `async_write`: as much at a time as the socket takes.
std::size_t all_at_once(error_code const& ec, std::size_t)
{
    return ec ? 0 : burst * 2;
}

} // namespace

struct tls_stream::callbacks
{
    static verification& checks_of(X509_STORE_CTX* store)
    {
        auto* const tls = static_cast<SSL*>(
            X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
        return *static_cast<verification*>(SSL_get_app_data(tls));
    }

    /// Leaves OpenSSL's verdict as it is.
    static int note(int good, X509_STORE_CTX* store)
    {
        if (good == 0)
            checks_of(store).refused = certificate_facts(X509_STORE_CTX_get0_cert(store));
        return good;
    }

    /// Instead of OpenSSL's own verification.
    static int compare(X509_STORE_CTX* store, void*)
    {
        auto& checks = checks_of(store);
        auto const* const leaf = X509_STORE_CTX_get0_cert(store);
        unsigned char digest[EVP_MAX_MD_SIZE];
        unsigned int size = 0;
        bool const same =
            checks.pin && leaf != nullptr && X509_digest(leaf, EVP_sha1(), digest, &size) == 1 &&
            size == checks.pin->size() && CRYPTO_memcmp(digest, checks.pin->data(), size) == 0;
        if (!same && leaf != nullptr)
            checks.refused = certificate_facts(leaf);
        X509_STORE_CTX_set_error(store, same ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
        return same ? 1 : 0;
    }
};

tls_stream::tls_stream(tcp::socket connected, SSL_CTX* context, std::string const& host,
                       std::optional<tls_thumbprint> pin)
    : socket_(std::move(connected)),
      engine_(context)
{
    checks_.pin = pin;
    SSL_set_app_data(engine_.native_handle(), &checks_);
    expect(host);
}

void tls_stream::accept_pinned_only(SSL_CTX* context)
{
    SSL_CTX_set_cert_verify_callback(context, &callbacks::compare, nullptr);
}

tls_facts tls_stream::facts() const
{
    auto const* const handle = engine_.native_handle();
    // OpenSSL keeps only what it accepted.
    auto const* const accepted = SSL_get0_peer_certificate(handle);
    if (accepted == nullptr)
        return checks_.refused;
    auto found = certificate_facts(accepted);
    if (SSL_is_init_finished(handle) == 0)
        return found;
    found.protocol = SSL_get_version(handle);
    found.cipher = SSL_get_cipher_name(handle);
    return found;
}

void tls_stream::expect(std::string const& host)
{
    auto* const handle = engine_.native_handle();
    auto* const checks = SSL_get0_param(handle);
    error_code not_an_address;
    asio::ip::make_address(host, not_an_address);
    int good = 1;
    if (not_an_address)
    {
        // Server names in the greeting are names, never addresses (RFC 6066).
        X509_VERIFY_PARAM_set_hostflags(checks, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        good &= SSL_set_tlsext_host_name(handle, host.c_str()) == 1;
        good &= X509_VERIFY_PARAM_set1_host(checks, host.c_str(), host.size());
    }
    else
    {
        good &= X509_VERIFY_PARAM_set1_ip_asc(checks, host.c_str());
    }
    SSL_set_verify(handle, SSL_VERIFY_PEER, &callbacks::note);
    if (good != 1)
        setup_error_ = asio::error::make_error_code(asio::error::invalid_argument);
}

bool tls_stream::is_tls_error(error_code ec) const noexcept
{
    return ec.category() == asio::error::get_ssl_category();
}

asio::awaitable<handshake_result> tls_stream::handshake()
{
    handshake_result report;
    report.ec = setup_error_;
    if (!report.ec)
        report.ec = co_await shake();
    if (!report.ec)
        co_return report;
    auto const verdict = SSL_get_verify_result(engine_.native_handle());
    report.certificate = is_tls_error(report.ec) && verdict != X509_V_OK;
    report.reason =
        report.certificate ? X509_verify_cert_error_string(verdict) : report.ec.message();
    co_return report;
}

asio::awaitable<error_code> tls_stream::shake()
{
    error_code unsent;
    for (;;)
    {
        auto const step = engine_.handshake();
        auto const failed = co_await flush();
        unsent = unsent ? unsent : failed;
        // Its own verdict counts more than whether the peer could be told.
        if (step.ec)
            co_return step.ec;
        if (!step.needs_input)
            co_return unsent;
        // Who does not listen any more may have said why.
        auto const ec = co_await receive();
        if (ec)
            co_return unsent ? unsent : ec;
    }
}

asio::awaitable<error_code> tls_stream::receive()
{
    auto const [ec, size] = co_await socket_.async_read_some(engine_.prepare_input(),
                                                             asio::as_tuple(asio::use_awaitable));
    engine_.commit_input(size);
    if (ec == asio::error::eof)
        co_return engine_.end_of_input();
    co_return ec;
}

asio::awaitable<error_code> tls_stream::flush()
{
    if (busy_ || engine_.output().empty())
        co_return error_code();
    busy_ = true;
    sending_.swap(engine_.output());
    auto const [ec, size] = co_await asio::async_write(socket_, asio::buffer(sending_), all_at_once,
                                                       asio::as_tuple(asio::use_awaitable));
    sending_ = tls_engine::bytes();
    busy_ = false;
    if (job_ && ec)
        end_write(ec);
    else if (job_ && !stalled_)
        go_on_writing();
    co_return ec;
}

asio::awaitable<io_result> tls_stream::read_some(asio::mutable_buffer into)
{
    error_code unsent;
    for (;;)
    {
        auto const step = engine_.read(into);
        if (!step.needs_input)
            engine_.release_input();
        // After an error of the read it could only fail, and hide the reason.
        if (stalled_ && !step.ec)
            go_on_writing();
        auto const failed = co_await flush();
        unsent = unsent ? unsent : failed;
        if (!step.needs_input)
            co_return io_result{step.ec, step.moved};
        // Who does not listen any more may have answered, or said why.
        auto const ec = co_await receive();
        if (ec)
            co_return io_result{unsent && ec != asio::error::eof ? unsent : ec, 0};
    }
}

void tls_stream::start_write(std::shared_ptr<pending_write> job)
{
    job_ = std::move(job);
    encrypted_ = progress();
    if (!busy_)
        go_on_writing();
}

void tls_stream::close() noexcept
{
    stream::close();
    // Nothing of the socket's would end it.
    if (stalled_ && !busy_)
        end_write(asio::error::operation_aborted);
}

void tls_stream::go_on_writing()
{
    stalled_ = false;
    // The memory of what was sent last serves again.
    if (engine_.output().empty())
        engine_.output().swap(sending_);
    auto const ec = fill();
    bool const nothing = engine_.output().empty();
    bool const all = encrypted_.buffer == job_->buffers().size();
    if (ec || (nothing && all))
        return end_write(ec);
    // After a close nobody reads any more what it would wait for.
    if (nothing && !socket_.is_open())
        return end_write(asio::error::operation_aborted);
    stalled_ = nothing;
    if (stalled_)
        return;
    sending_.swap(engine_.output());
    sent_ = 0;
    busy_ = true;
    send();
}

error_code tls_stream::fill()
try
{
    return encrypt();
}
catch (std::bad_alloc const&)
{
    // Thrown on, it would end the loop of whoever runs the executor.
    return make_error_code(boost::system::errc::not_enough_memory);
}

error_code tls_stream::encrypt()
{
    auto const& buffers = job_->buffers();
    auto& output = engine_.output();
    std::size_t room = burst;
    while (room != 0 && encrypted_.buffer != buffers.size())
    {
        auto const left = buffers[encrypted_.buffer] + encrypted_.offset;
        auto const piece = asio::buffer(left, room);
        if (piece.size() != 0)
        {
            output.reserve(output.size() + size_with_overhead(piece.size()));
            auto const step = engine_.write(piece);
            if (step.ec || step.needs_input)
                return step.ec;
        }
        room -= piece.size();
        encrypted_.offset += piece.size();
        if (piece.size() != left.size())
            continue;
        ++encrypted_.buffer;
        encrypted_.offset = 0;
    }
    return error_code();
}

void tls_stream::send()
{
    auto next = [this, job = job_](error_code ec, std::size_t size)
    {
        sent_ += size;
        if (!ec && sent_ != sending_.size())
            return send();
        sending_.clear();
        busy_ = false;
        if (ec)
            end_write(ec);
        else
            go_on_writing();
    };
    socket_.async_write_some(asio::buffer(sending_) + sent_,
                             asio::bind_executor(job_->strand(), std::move(next)));
}

void tls_stream::end_write(error_code ec)
{
    stalled_ = false;
    sending_ = tls_engine::bytes();
    engine_.output() = tls_engine::bytes();
    std::exchange(job_, nullptr)->finished(ec);
}

} // namespace kusto::net
