#pragma once

#include <async/transport.hpp>
#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <support/happy_storage.hpp>
#include <support/manual_clock.hpp>
#include <support/mishap.hpp>

namespace kusto::test
{

/// Those who issue tokens, in memory: the login service with its grants, and the token services of
/// hosts (IMDS, App Service, Azure Arc). Checks strictly what it is sent. Single-threaded.
class happy_identity
{
public:
    /// \param judge  takes the complaints; outlives this object, as `time` does
    happy_identity(happy_storage& judge, manual_clock& time) : judge_(judge), time_(time) {}

    /// Every text that must appear in no failure begins so.
    static constexpr char const* canary = "CANARY";
    static constexpr char const* client_secret = "CANARY~secret/+=";
    /// Of App Service.
    static constexpr char const* identity_header = "CANARY~header/+=";
    static constexpr char const* client_id = "0f1e2d3c-0000-1111-2222-333344445555";
    /// Of the tenant's applications; another one signs in people.
    static constexpr char const* device_client_id = "db662dc1-0cfe-4e1c-a843-19a68e65be58";

    /// Nothing if it is no request for a token.
    [[nodiscard]] static std::optional<request_kind> kind_of(async::http_request const& request);

    /// Says what is wrong with a client assertion; empty if nothing is.
    using judge_of_assertions = std::function<std::string(std::string const& assertion)>;
    /// Applications prove themselves by assertions. Default: by their secret.
    void expect_assertions(judge_of_assertions judge) { assertions_ = std::move(judge); }
    /// Managed identities are selected so. Default: not at all.
    void expect_selector(std::string name) { selector_ = std::move(name); }
    /// Azure Arc writes its key files there.
    void write_keys_to(std::string directory) { keys_ = std::move(directory); }
    /// At the address of IMDS is what Docker Desktop puts there.
    void without_imds() noexcept { has_imds_ = false; }

    [[nodiscard]] async::http_response
    execute(request_kind what, async::http_request const& request, std::string const& body);
    /// A request of this kind was answered with `Retry-After: 7`.
    void throttled(request_kind what);

    [[nodiscard]] bool knows(std::string const& token) const
    {
        return valid_tokens_.contains(token);
    }
    void revoke(std::string const& token) { valid_tokens_.erase(token); }
    /// Whether `text` holds something that only client and issuer may know.
    [[nodiscard]] bool is_told_in(std::string_view text) const;

private:
    [[nodiscard]] async::http_response refuse(std::string_view why,
                                              async::http_request const& request);
    [[nodiscard]] async::http_response grant(async::http_request const& request,
                                             std::string const& form);
    [[nodiscard]] std::string judge_application(std::string const& form);
    [[nodiscard]] async::http_response issue_code(async::http_request const& request,
                                                  std::string const& form);
    [[nodiscard]] async::http_response poll(async::http_request const& request,
                                            std::string const& form);
    [[nodiscard]] async::http_response probe(async::http_request const& request) const;
    [[nodiscard]] async::http_response challenge(async::http_request const& request);
    [[nodiscard]] async::http_response issue_to_host(async::http_request const& request);
    [[nodiscard]] std::string judge_host_request(async::http_request const& request) const;
    [[nodiscard]] std::string new_token();
    [[nodiscard]] async::http_response person_token();

    happy_storage& judge_;
    manual_clock& time_;
    judge_of_assertions assertions_;
    std::string selector_;
    std::string keys_;
    bool has_imds_ = true;
    std::set<std::string> valid_tokens_;
    std::set<std::string> refresh_tokens_;
    std::set<std::string> key_contents_;
    std::set<std::string> seen_assertions_;
    std::string device_code_;
    std::size_t polls_ = 0; ///< for that code
    async::clock::time_point next_poll_{};
    std::size_t issued_ = 0;
};

} // namespace kusto::test
