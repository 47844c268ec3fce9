#pragma once

#include "fixture.hpp"

#include <base/base64.hpp>
#include <base/percent.hpp>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace kusto::test
{

/// Files of one test, gone at its end.
class scratch_files
{
public:
    scratch_files()
        : directory_(std::filesystem::temp_directory_path() /
                     ("kusto-auth-test-" + std::to_string(::getpid())))
    {
        std::filesystem::create_directories(directory_);
    }
    scratch_files(scratch_files const&) = delete;
    scratch_files& operator=(scratch_files const&) = delete;
    ~scratch_files() { std::filesystem::remove_all(directory_); }

    [[nodiscard]] std::string path(std::string const& name) const
    {
        return (directory_ / name).string();
    }

    /// Writes another file and puts it in the place of the old one, as renewals do. Readable by the
    /// owner only.
    std::string write(std::string const& name, std::string const& content) const
    {
        using std::filesystem::perms;
        auto const fresh = path(name + ".new");
        std::ofstream(fresh, std::ios::binary) << content;
        std::filesystem::permissions(fresh, perms::owner_read | perms::owner_write);
        std::filesystem::rename(fresh, path(name));
        return path(name);
    }

private:
    std::filesystem::path directory_;
};

/// A service that refuses everything and repeats what it was sent.
class repeating_transport final : public async::transport
{
public:
    boost::asio::awaitable<result<async::http_response>> send(async::http_request request,
                                                              deadline) override
    {
        async::http_response response;
        response.status = 404;
        if (request.method == async::http_method::post)
        {
            bodies.push_back(request.body);
            auto const assertion = base::query_parameter(request.body, "client_assertion").value();
            response.status = 401;
            response.body = R"({"error":"invalid_client","error_description":"not )" + assertion +
                            " in " + request.body + R"("})";
        }
        co_return response;
    }
    void shutdown() noexcept override {}

    std::vector<std::string> bodies;
};

/// A provider whose log is kept, at the most verbose level.
class sign_in_fixture : public auth_fixture
{
public:
    void make_with(credential const& who) { make(options_for(who)); }

    /// What is left of `secrets` in a failure and the log after a service repeated all that it was
    /// sent.
    [[nodiscard]] std::string leaks_of(credential const& who, std::vector<std::string> secrets)
    {
        auto const repeating = std::make_shared<repeating_transport>();
        provider =
            auth::make_token_provider(context.get_executor(), repeating, options_for(who), time);
        auto const got = get();
        if (got || repeating->bodies.empty())
            return "nothing was sent, or nothing refused";
        secrets.push_back(
            base::query_parameter(repeating->bodies.back(), "client_assertion").value());
        auto shown = got.error().describe() + got.error().server_text();
        for (auto const& line : log)
            shown += line;
        std::string leaked;
        for (auto const& one : secrets)
            leaked += has(shown, one) ? one : "";
        if (!has(shown, "REDACTED"))
            leaked += "nothing was taken out: " + shown;
        return leaked;
    }

    [[nodiscard]] connection_options options_for(credential const& who)
    {
        connection_options options(cluster, who);
        options.retry(
            retry_options().base(std::chrono::milliseconds(0)).cap(std::chrono::milliseconds(0)));
        options.log(log_level::trace,
                    [this](log_event const& event) { log.push_back(to_text(event)); });
        return options;
    }

    /// The token endpoint answers with one token.
    void expect_granted(std::string const& value) { expect_token().reply(200, token_json(value)); }

    /// Everybody asks anew.
    std::string text_anew()
    {
        time.advance(std::chrono::hours(1));
        return text();
    }

    /// What the last request but `back` had in a field of its form.
    [[nodiscard]] std::string field(std::string const& name, std::size_t back = 0) const
    {
        auto const& all = transport->calls();
        return base::query_parameter(all.at(all.size() - 1 - back).body, name).value_or("");
    }

    [[nodiscard]] std::size_t logged(std::string_view part) const
    {
        std::size_t count = 0;
        for (auto const& line : log)
            count += has(line, part) ? 1u : 0u;
        return count;
    }

    scratch_files files;
    std::vector<std::string> log;
};

} // namespace kusto::test
