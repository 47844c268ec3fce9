#include <auth/amended.hpp>
#include <auth/sources.hpp>
#include <auth/token_exchange.hpp>
#include <base/guid.hpp>
#include <base/small_file.hpp>
#include <crypto/load_certificate.hpp>
#include <optional>
#include <utility>
#include <wire/client_assertion.hpp>
#include <wire/token.hpp>

namespace kusto::auth
{

namespace asio = boost::asio;

namespace
{

/// The certificate of now: looked at before each use, since files are replaced when it is renewed.
class held_certificate
{
public:
    held_certificate(detail::client_certificate_data const& data, base::logger log)
        : path_(data.path),
          content_(data.content),
          password_(data.password),
          log_(std::move(log))
    {
    }

    /// Errors: no valid one is there, or can be loaded.
    result<crypto::client_certificate> get(base::utc_time_point now)
    {
        if (next_ && next_->valid_at(now))
            hold(*std::exchange(next_, std::nullopt));
        auto const ready = path_.empty() ? read_memory(now) : read_file(now);
        if (!ready)
            return ready.error();
        auto const valid = held_->valid_at(now);
        if (valid)
            return *held_;
        return path_.empty() ? valid.error() : amended(valid.error(), "it was read from " + path_);
    }

private:
    [[nodiscard]] bool usable(base::utc_time_point now) const
    {
        return held_ && held_->valid_at(now);
    }

    /// Again when the one that is held has ended: there may be several of one key, each for a time.
    result<void> read_memory(base::utc_time_point now)
    {
        if (usable(now))
            return {};
        auto loaded = crypto::load_certificate(content_.reveal(), password_.reveal(), now);
        if (!loaded)
            return loaded.error();
        held_ = *std::move(loaded);
        return {};
    }

    result<void> read_file(base::utc_time_point now)
    {
        // Before the content, so that a change in between is seen the next time.
        auto const version = base::version_of(path_);
        if (usable(now) && version && (*version == version_ || *version == refused_))
            return {};
        auto const loaded = version ? crypto::load_certificate_file(path_, password_.reveal(), now)
                                    : result<crypto::client_certificate>(version.error());
        if (loaded)
            take(*loaded, *version, now);
        else if (usable(now))
            refuse(version, loaded.error());
        else
            return loaded.error();
        return {};
    }

    void take(crypto::client_certificate const& loaded, base::file_version const& version,
              base::utc_time_point now)
    {
        if (version.others_may_read && version != version_)
            log_(log_level::warning, stage::token,
                 "the file with the certificate's private key may be read by other users; take the "
                 "permission away (chmod 600)",
                 {log_field("file", path_)});
        bool const changed = version != version_;
        version_ = version;
        auto const valid = loaded.valid_at(now);
        if (!valid && usable(now))
        {
            log_.failed(
                log_level::warning,
                "the changed certificate file holds none that is valid now; the certificate "
                "that was read before stays in use",
                valid.error(), {log_field("file", path_)});
            next_ = loaded;
            return;
        }
        next_.reset();
        if (changed || valid)
            hold(loaded);
        else
            held_ = loaded;
    }

    void hold(crypto::client_certificate const& other)
    {
        log_(held_ ? log_level::info : log_level::debug, stage::token, "certificate in use",
             {log_field("file", path_),
              log_field("expires", base::rfc1123_text(other.not_after()))});
        held_ = other;
    }

    void refuse(result<base::file_version> const& version, failure const& why)
    {
        log_.failed(log_level::warning,
                    "the changed certificate file cannot be used; the certificate that was read "
                    "before stays in use",
                    why);
        remember_refused(version);
    }

    /// A file that could be read and is bad stays so until it changes. That a file may not be read
    /// does not show in its version.
    void remember_refused(result<base::file_version> const& version)
    {
        constexpr std::size_t longest = std::size_t(1) << 20;
        if (version && base::read_small_file(path_, longest))
            refused_ = *version;
    }

    std::string path_;
    base::secret content_;
    base::secret password_;
    base::logger log_;
    std::optional<crypto::client_certificate> held_;
    std::optional<crypto::client_certificate> next_; // of a changed file, not valid yet
    base::file_version version_;                     // of the one that was read last
    base::file_version refused_;
};

class client_certificate_source final : public token_source
{
public:
    client_certificate_source(detail::client_certificate_data const& data, std::string name,
                              source_context const& with)
        : client_id_(data.client_id),
          tenant_id_(data.tenant_id),
          send_chain_(data.send_chain),
          certificate_(data, with.log),
          exchange_(with, std::move(name))
    {
    }

    asio::awaitable<result<issued_token>> acquire(token_wish wish, deadline until) override
    {
        auto const url = wire::token_url(wish.login_endpoint, tenant_id_);
        if (!url)
            co_return url.error();
        form_maker make = [this, wish, url = *url](base::utc_time_point now)
        { return form(wish, url, now); };
        auto got = co_await exchange_.acquire(*url, std::move(make), until);
        co_return got;
    }

private:
    result<token_form> form(token_wish const& wish, base::url const& url, base::utc_time_point now)
    {
        auto const certificate = certificate_.get(now);
        if (!certificate)
            return certificate.error();
        auto const assertion = sign(*certificate, url, now);
        if (!assertion)
            return assertion.error();
        std::vector<base::secret> hidden(1, *assertion);
        wire::token_grant const grant(client_id_, tenant_id_, wish.scope, wish.claims);
        return token_form(wire::client_assertion_form(grant, assertion->reveal()),
                          std::move(hidden));
    }

    [[nodiscard]] result<base::secret> sign(crypto::client_certificate const& with,
                                            base::url const& url, base::utc_time_point now) const
    {
        using crypto::signature_scheme;
        bool const adfs = wire::is_adfs(tenant_id_);
        wire::assertion_certificate by;
        by.sha1_thumbprint = with.sha1_thumbprint();
        by.sha256_thumbprint = with.sha256_thumbprint();
        if (send_chain_)
            by.chain = with.chain();
        wire::assertion_claims const claims(url.with_secrets(), client_id_,
                                            base::guid::random().to_string(), now);
        auto const to_sign = wire::assertion_to_sign(adfs, by, claims);
        auto const signature =
            with.sign(adfs ? signature_scheme::rs256 : signature_scheme::ps256, to_sign);
        if (!signature)
            return signature.error();
        return base::secret(wire::signed_assertion(to_sign, *signature));
    }

    std::string client_id_;
    std::string tenant_id_;
    bool send_chain_;
    held_certificate certificate_;
    token_exchange exchange_;
};

} // namespace

source_ptr make_certificate_source(detail::client_certificate_data const& data, std::string name,
                                   source_context const& with)
{
    return std::make_unique<client_certificate_source>(data, std::move(name), with);
}

} // namespace kusto::auth
