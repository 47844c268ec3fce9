#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <thread>
#include <vector>

namespace kusto::test
{

/// How an identity provider repeats what it was sent.
enum class parroting
{
    as_sent,     ///< in an error's description, as it came
    decoded,     ///< the same, percent-decoded
    as_a_page,   ///< in a page of HTML
    as_a_code,   ///< in the members `error`, `error_codes` and `correlation_id`
    as_one_api,  ///< in every member of Kusto's error document, and in headers
    cut_off,     ///< so much before it that the secret stands where long texts are cut
    tokens,      ///< first come tokens of its own, then an error when it is sent one of them
    in_a_success ///< 200 with no token in it
};

/// An identity provider on loopback (a login endpoint, or a machine's) that gives no token of use
/// but repeats header and body of every request; or a cluster that does. It has no cloud metadata.
class parrot
{
public:
    [[nodiscard]] static std::vector<parroting> ways()
    {
        return {parroting::as_sent,   parroting::decoded,     parroting::as_a_page,
                parroting::as_a_code, parroting::as_one_api,  parroting::cut_off,
                parroting::tokens,    parroting::in_a_success};
    }

    /// \param arc_key  path of a key file, with which Azure Arc's first question is answered
    explicit parrot(std::string arc_key = {});
    parrot(parrot const&) = delete;
    parrot& operator=(parrot const&) = delete;
    ~parrot();

    /// `http://127.0.0.1:PORT`
    [[nodiscard]] std::string url() const;
    void speak(parroting how) { how_ = how; }
    /// What it has been sent.
    [[nodiscard]] std::size_t requests() const { return requests_; }

    /// What a device code is, and only it knows.
    static constexpr char const* device_code = "CANARY-device-code-4711";
    /// The tokens of `parroting::tokens`.
    static constexpr char const* access_token = "CANARY-access-token-4711";
    static constexpr char const* refresh_token = "CANARY-refresh-token-4711";

private:
    void accept();
    [[nodiscard]] std::string answer(std::string const& request) const;

    boost::asio::io_context context_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::string const arc_key_;
    std::atomic<parroting> how_ = parroting::as_sent;
    std::atomic<std::size_t> requests_ = 0;
    std::thread thread_;
};

} // namespace kusto::test
