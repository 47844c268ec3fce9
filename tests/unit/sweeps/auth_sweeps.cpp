// Cloud metadata, sign-in and the token cache.
#include "all_sweeps.hpp"

#include <auth/cloud_metadata.hpp>
#include <auth/sign_in.hpp>
#include <auth/token_provider.hpp>
#include <base/endpoint_url.hpp>
#include <base/guid.hpp>
#include <stdexcept>
#include <support/run.hpp>
#include <wire/token.hpp>

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace kusto::test
{

namespace
{

using outcome_of = std::optional<failure>;

class metadata_scenario final : public scenario
{
public:
    explicit metadata_scenario(world& where)
        : until_(where.in(300s)),
          source_(std::make_shared<auth::metadata_source>(
              where.service, base::parse_endpoint(happy_service::cluster).value(), world::options(),
              where.time))
    {
        where.watch("the metadata source", source_);
    }

    asio::awaitable<outcome_of> operation() override { return ask(source_, until_); }

private:
    static asio::awaitable<outcome_of> ask(std::shared_ptr<auth::metadata_source> source,
                                           deadline until)
    {
        auto const got = co_await source->get(until);
        if (!got)
            co_return got.error();
        if (got->login_endpoint != "https://login.microsoftonline.com")
            co_return failure(errc::malformed_reply, stage::metadata, "another login endpoint");
        co_return std::nullopt;
    }

    deadline until_;
    std::shared_ptr<auth::metadata_source> source_;
};

class sign_in_scenario final : public scenario
{
public:
    explicit sign_in_scenario(world& where)
        : until_(where.in(300s)),
          source_(std::make_shared<auth::sign_in>(where.service, world::options(), where.time))
    {
        where.watch("sign_in", source_);
    }

    asio::awaitable<outcome_of> operation() override { return find(source_, until_); }

private:
    static asio::awaitable<outcome_of> find(std::shared_ptr<auth::sign_in> source, deadline until)
    {
        auto const got = co_await source->find(until);
        if (!got)
            co_return got.error();
        if (got->scope != "https://kusto.kusto.windows.net/.default")
            co_return failure(errc::malformed_reply, stage::metadata, "another scope");
        co_return std::nullopt;
    }

    deadline until_;
    std::shared_ptr<auth::sign_in> source_;
};

/// State of the cache when the operation begins.
enum class cache
{
    cold,
    fresh,
    stale,
    refused,
};

/// Who obtains the token.
enum class source
{
    library,
    callback,
};

/// A callback of a user's own, which signs in without repetitions.
asio::awaitable<access_token> ask_login(std::shared_ptr<happy_service> service, manual_clock& time,
                                        token_request what)
{
    async::http_request request(
        async::http_method::post,
        base::url::parse(what.authority_host + "/contoso.com/oauth2/v2.0/token").value());
    request.header("x-ms-client-request-id", base::guid::random().to_string());
    wire::token_grant const grant("id", "contoso.com", what.scope, what.claims);
    request.body = wire::client_secret_form(grant, happy_service::client_secret);
    auto const got = co_await service->send(std::move(request), deadline(time.now() + 20s));
    if (!got)
        throw error(got.error());
    constexpr std::string_view name = "\"access_token\":\"";
    auto const at = got->body.find(name);
    if (got->status != 200 || at == std::string::npos)
        throw std::runtime_error("no token");
    auto const begin = at + name.size();
    auto value = got->body.substr(begin, got->body.find('"', begin) - begin);
    co_return access_token(std::move(value), time.utc_now() + 1h);
}

connection_options options_of(world& where, source who)
{
    auto options = world::options();
    if (who == source::library)
        return options;
    auto& time = where.time;
    auto callback = [service = where.service, &time](token_request what)
    { return ask_login(service, time, std::move(what)); };
    return options.who(credential::callback(std::move(callback)));
}

class token_scenario final : public scenario
{
public:
    token_scenario(world& where, cache state, source who = source::library)
        : world_(where),
          state_(state),
          who_(who),
          tokens_(auth::make_token_provider(where.executor(), where.service, options_of(where, who),
                                            where.time))
    {
        where.watch("the token provider", tokens_);
        if (state == cache::cold)
            return;
        auto const first =
            test::run(where.context(), where.time, tokens_->get(where.in(300s))).value();
        if (state == cache::stale)
            where.time.advance(56min);
        if (state == cache::refused)
            tokens_->invalidate(first.generation);
        before_ = where.service->requests();
    }

    asio::awaitable<outcome_of> operation() override { return get(tokens_, world_.in(300s)); }

    /// Whatever came before: with a service that works, and after the pause that follows a failure,
    /// there is a token.
    asio::awaitable<outcome_of> conclusion() override
    {
        return get_later(tokens_, world_.time, world_.in(600s));
    }

    void stop() override { tokens_->stop(); }

    bool survives(request_kind what, mishap grief) const override
    {
        if (who_ == source::callback && what == request_kind::token)
            return false;
        return scenario::survives(what, grief);
    }

    bool names_host() const override { return who_ == source::library; }

    std::string check(ending const& end, plan const& what) override
    {
        if (state_ == cache::stale && end.failed && what.what != disturbance::stop)
            return "a failed renewal reached somebody who could have had the old token";
        bool const renews = state_ != cache::fresh;
        if (what.what == disturbance::none && renews == (world_.service->requests() == before_))
            return renews ? "asked for no token" : "asked for a token that it had";
        return std::string();
    }

private:
    static asio::awaitable<outcome_of> get(std::shared_ptr<auth::token_provider> tokens,
                                           deadline until)
    {
        auto const got = co_await tokens->get(until);
        if (!got)
            co_return got.error();
        if (!got->value.reveal().starts_with(happy_service::canary))
            co_return failure(errc::authentication_failed, stage::token, "another token");
        co_return std::nullopt;
    }

    static asio::awaitable<outcome_of> get_later(std::shared_ptr<auth::token_provider> tokens,
                                                 manual_clock& time, deadline until)
    {
        // Twice: the first may find a request under way that comes to grief.
        auto got = co_await get(tokens, until);
        if (got)
        {
            co_await time.wait_until(time.now() + 10s);
            got = co_await get(tokens, until);
        }
        co_return got;
    }

    world& world_;
    cache state_;
    source who_;
    std::shared_ptr<auth::token_provider> tokens_;
    std::size_t before_ = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(auth_sweeps)

BOOST_AUTO_TEST_CASE(cloud_metadata)
{
    check_all(sweep_of<metadata_scenario>("metadata"));
}

BOOST_AUTO_TEST_CASE(sign_in)
{
    check_all(sweep_of<sign_in_scenario>("sign-in"));
}

BOOST_AUTO_TEST_CASE(a_token_where_there_is_none)
{
    check_all(sweep_of<token_scenario>("token, cold", cache::cold));
}

BOOST_AUTO_TEST_CASE(a_token_that_is_there)
{
    check_all(sweep_of<token_scenario>("token, fresh", cache::fresh));
}

BOOST_AUTO_TEST_CASE(a_token_that_is_renewed_in_the_background)
{
    check_all(sweep_of<token_scenario>("token, stale", cache::stale));
}

BOOST_AUTO_TEST_CASE(a_token_that_was_refused)
{
    check_all(sweep_of<token_scenario>("token, refused", cache::refused));
}

BOOST_AUTO_TEST_CASE(a_token_of_a_callback)
{
    check_all(sweep_of<token_scenario>("callback, cold", cache::cold, source::callback));
}

BOOST_AUTO_TEST_CASE(a_token_of_a_callback_that_is_renewed)
{
    check_all(sweep_of<token_scenario>("callback, stale", cache::stale, source::callback));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace kusto::test
