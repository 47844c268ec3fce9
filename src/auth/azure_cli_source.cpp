#include <auth/sources.hpp>

#include <base/environment.hpp>
#include <host/executable.hpp>
#include <host/run_child.hpp>
#include <utility>
#include <wire/azure_cli.hpp>

namespace kusto::auth
{

namespace asio = boost::asio;

namespace
{

/// What goes wrong here says nothing of whether the program may sign in: it is a developer's tool.
/// So everything counts as unavailable.
class azure_cli_source final : public token_source
{
public:
    azure_cli_source(detail::azure_cli_data const& data, source_context const& with)
        : data_(data),
          path_(base::environment_variable("PATH")),
          time_(*with.time)
    {
    }

    asio::awaitable<result<issued_token>> acquire(token_wish wish, deadline until) override
    {
        constexpr std::chrono::seconds longest_run(13);
        auto const what = command_for(wish);
        if (!what)
            co_return what.error();
        if (is_news(wish.claims))
            co_return wire::azure_cli_challenged(wish.claims, wish.scope);
        auto const end = until.sooner(deadline(time_.now() + longest_run));
        auto const ran = co_await host::run_child(*what, end, time_);
        if (!ran)
            co_return failed(ran.error());
        auto token = token_of(*ran);
        if (token)
            told_.clear();
        co_return token;
    }

private:
    /// The person is told once; the next time `az` is asked, since it may have been done. If not,
    /// the service refuses that token too, and the person is told again.
    [[nodiscard]] bool is_news(std::string const& claims)
    {
        bool const known = claims == std::exchange(told_, claims);
        return !known && !claims.empty();
    }

    [[nodiscard]] result<host::command> command_for(token_wish const& wish) const
    {
        auto arguments = wire::azure_cli_arguments(wish.scope, data_.tenant_id, data_.subscription);
        if (!arguments)
            return arguments.error();
        auto program = host::find_executable("az", path_);
        if (!program)
            return wire::azure_cli_missing();
        return host::command(std::move(*program), std::move(*arguments));
    }

    static failure failed(failure const& why)
    {
        if (why.code() != errc::timed_out)
            return why;
        failure slow(errc::credential_unavailable, stage::token,
                     "the Azure CLI took longer than 13 s; it was killed");
        slow.retryable(true);
        return slow;
    }

    [[nodiscard]] result<issued_token> token_of(host::child_output const& ran) const
    {
        constexpr int unknown = -1;
        if (ran.exit_code != 0 && ran.exit_code != unknown)
            return wire::azure_cli_failed(ran.exit_code, ran.err);
        auto const token = wire::parse_azure_cli(ran.out.reveal(), time_.utc_now());
        // A program that ignores SIGCHLD does not hear of exit codes.
        if (!token && ran.exit_code == unknown && !ran.err.empty())
            return wire::azure_cli_failed(unknown, ran.err);
        if (!token)
            return token.error();
        return issued_token(token->access_token, token->expires_in, std::nullopt);
    }

    detail::azure_cli_data data_;
    std::string path_;
    std::string told_; // claims that the person has been told of
    async::clock& time_;
};

} // namespace

source_ptr make_azure_cli_source(detail::azure_cli_data const& data, std::string,
                                 source_context const& with)
{
    return std::make_unique<azure_cli_source>(data, with);
}

} // namespace kusto::auth
