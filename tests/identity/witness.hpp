#pragma once

#include "shipper.hpp"

#include <boost/asio/awaitable.hpp>
#include <faults/captured_output.hpp>
#include <faults/secrets.hpp>
#include <filesystem>
#include <kusto/doctor.hpp>
#include <kusto/options_error.hpp>
#include <kusto/statistics.hpp>
#include <regex>
#include <support/scoped_environment.hpp>
#include <support/script_folder.hpp>
#include <vector>

// What the canary searches: everything that a client says and leaves behind.

namespace kusto::test
{

using faults::secret_scanner;
using std::chrono::milliseconds;

/// A home, a directory for temporary files and a working directory in which nothing is yet.
class empty_home
{
public:
    explicit empty_home(scoped_environment& environment) : before_(std::filesystem::current_path())
    {
        for (char const* const name : {"HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"})
        {
            std::filesystem::create_directory(folder_.file(name));
            environment.set(name, folder_.file(name));
        }
        std::filesystem::create_directory(folder_.file("cwd"));
        std::filesystem::current_path(folder_.file("cwd"));
    }
    empty_home(empty_home const&) = delete;
    empty_home& operator=(empty_home const&) = delete;
    ~empty_home() { std::filesystem::current_path(before_); }

    void search(secret_scanner& with) const
    {
        for (auto const& each : std::filesystem::recursive_directory_iterator(folder_.path()))
        {
            with.scan("file name", each.path().string());
            if (each.is_regular_file())
                with.scan("file", faults::content_of(each.path()));
        }
    }
    [[nodiscard]] std::string temporary() const { return folder_.file("TMPDIR"); }

private:
    script_folder const folder_;
    std::filesystem::path const before_;
};

/// Everything that one client says.
class listener
{
public:
    explicit listener(secret_scanner& to) : to_(to) {}

    void hear(std::string_view where, std::string text)
    {
        // What stands in place of a secret looks like one to the scanner, also when it is cut off.
        static std::regex const shown("REDACTED|client_secret=R?E?D?A?C?T?E?(?![A-Za-z0-9])");
        if (text.find("RE") != std::string::npos)
            text = std::regex_replace(text, shown, "*");
        (void)to_.scan(where, text);
    }
    void hear(kusto::failure const& why)
    {
        hear("describe", why.describe());
        hear("message", why.message());
        hear("server_text", why.server_text());
        hear("codes", why.service_code() + ' ' + why.activity_id() + ' ' + why.request_id());
    }
    void hear(std::exception const& e)
    {
        hear("what", e.what());
        if (auto const* const one = dynamic_cast<kusto::error const*>(&e))
            hear(one->why());
        if (auto const* const all = dynamic_cast<kusto::options_error const*>(&e))
            hear(all->problems());
    }
    void hear(std::vector<kusto::option_problem> const& problems)
    {
        for (auto const& one : problems)
            hear("problem", one.name + ' ' + one.value + ' ' + one.allowed);
    }
    void hear(kusto::sink_statistics const& all)
    {
        hear("statistics", to_json(all));
        std::vector<kusto::named_statistics> named;
        named.push_back(kusto::named_statistics{"NetDefaultDB", "Readings", all});
        hear("metrics", kusto::to_prometheus(named));
        for (auto const& why : {all.trouble, all.report.first_failure})
        {
            if (why)
                hear(*why);
        }
    }
    void hear(kusto::diagnosis const& what)
    {
        hear("doctor", to_text(what));
        hear("doctor as JSON", to_json(what));
    }
    void hear(connection_options const& where)
    {
        hear("credential", where.who().describe());
        for (auto const& sentence : where.who().problems())
            hear("credential", sentence);
        hear("options", where.describe());
        hear(where.problems());
    }
    /// The log comes from several threads; the scanner takes that.
    void listen(connection_options& to)
    {
        to.log(kusto::log_level::trace,
               [this](kusto::log_event const& event) { hear("log", to_text(event)); });
    }

private:
    secret_scanner& to_;
};

/// A query, a sink and the doctor, at the same time.
class subject
{
public:
    subject(listener& heard, connection_options where, milliseconds patience)
        : heard_(heard),
          where_(std::move(where)),
          patience_(patience)
    {
    }

    /// \returns whether the query was answered
    bool run()
    {
        kusto::client service(program_.threads.get_executor(), where_);
        kusto::write_options write("NetDefaultDB", "Readings");
        write.parallelism(1).retry(quick());
        kusto::batching_sink sink(service, write);
        auto delivered = start(use(sink));
        auto doctored = start(examine());
        bool answered = false;
        try
        {
            (void)program_.run(service.query("", "print 1", deadline::after(patience_)));
            answered = true;
        }
        catch (std::exception const& e)
        {
            heard_.hear(e);
        }
        delivered.get();
        doctored.get();
        heard_.hear(sink.statistics());
        return answered;
    }

    static kusto::retry_options quick()
    {
        return kusto::retry_options().base(milliseconds(1)).cap(milliseconds(20));
    }

private:
    std::future<void> start(boost::asio::awaitable<void> what)
    {
        return boost::asio::co_spawn(program_.threads, std::move(what), boost::asio::use_future);
    }

    boost::asio::awaitable<void> use(kusto::batching_sink& sink)
    {
        auto const record = std::make_tuple(std::int64_t(1), "text");
        try
        {
            co_await sink.write(record);
            auto const report = co_await sink.close(deadline::after(patience_));
            if (report.first_failure)
                heard_.hear(*report.first_failure);
        }
        catch (std::exception const& e)
        {
            heard_.hear(e);
        }
    }

    boost::asio::awaitable<void> examine()
    {
        kusto::doctor_options what;
        what.database("NetDefaultDB").table("Readings").check_timeout(patience_);
        auto const found = co_await kusto::diagnose(program_.threads.get_executor(), where_, what,
                                                    deadline::after(patience_ * 2));
        heard_.hear(found);
    }

    listener& heard_;
    connection_options where_;
    milliseconds patience_;
    shipper program_;
};

} // namespace kusto::test
