#pragma once

#include <async/clock.hpp>
#include <async/transport.hpp>
#include <auth/token_provider.hpp>
#include <base/url.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <doctor/circumstances.hpp>
#include <doctor/dated_transport.hpp>
#include <doctor/findings.hpp>
#include <doctor/host_report.hpp>
#include <doctor/policies.hpp>
#include <doctor/token_claims.hpp>
#include <kusto/doctor.hpp>
#include <memory>
#include <optional>
#include <service/management_client.hpp>
#include <service/resource_manager.hpp>
#include <service/service_context.hpp>
#include <string>
#include <wire/endpoints.hpp>
#include <wire/metadata.hpp>

namespace kusto::doctor
{

/// What an examination needs of the outside.
class surroundings
{
public:
    /// \param time_  outlives the examination
    surroundings(boost::asio::any_io_executor executor_,
                 std::shared_ptr<async::transport> transport_, host_probe probe_,
                 async::clock& time_)
        : executor(std::move(executor_)),
          transport(std::move(transport_)),
          probe(std::move(probe_)),
          time(&time_)
    {
    }

    boost::asio::any_io_executor executor;
    std::shared_ptr<async::transport> transport;
    host_probe probe;
    async::clock* time;
};

/// The checks in turn: short questions, whose answers other parts judge. One examination, used
/// once.
///
/// Lives on one strand, that of `run`.
class examination
{
public:
    examination(surroundings with, connection_options where, doctor_options what, deadline until);
    examination(examination const&) = delete;
    examination& operator=(examination const&) = delete;
    ~examination();

    /// Makes all checks. Cancellation: terminal.
    [[nodiscard]] boost::asio::awaitable<diagnosis> run();

private:
    using answer = boost::asio::awaitable<result<verdict>>;

    void look_at_options();
    void look_at_trust();
    void look_at_clock();
    void connect_parts();
    [[nodiscard]] boost::asio::awaitable<void> reach(std::string which,
                                                     std::optional<base::url> where);
    [[nodiscard]] boost::asio::awaitable<void> sign_in();
    [[nodiscard]] boost::asio::awaitable<void> look_at_storage();
    [[nodiscard]] boost::asio::awaitable<void> look_at_database();
    [[nodiscard]] boost::asio::awaitable<void> look_at_table();

    /// Makes one check, unless something it needs failed.
    [[nodiscard]] boost::asio::awaitable<void> take(step what, answer op);

    [[nodiscard]] answer ask_metadata();
    [[nodiscard]] answer ask_token();
    [[nodiscard]] answer ask_service(std::string name, std::string wanted);
    [[nodiscard]] answer ask_resources();
    [[nodiscard]] answer write_blob(wire::storage_resource container);
    [[nodiscard]] answer reach_queue(base::url queue);
    [[nodiscard]] answer ask_database();
    [[nodiscard]] answer tell_table();
    [[nodiscard]] answer tell_schema();
    [[nodiscard]] answer ask_roles();
    [[nodiscard]] answer ask_mapping();
    [[nodiscard]] answer ask_policies();

    [[nodiscard]] boost::asio::awaitable<result<void>>
    ask_level(std::string batching, std::string tags, table_policies& into);
    [[nodiscard]] boost::asio::awaitable<result<table>> ask_engine(std::string command);
    [[nodiscard]] deadline limit() const;
    [[nodiscard]] std::vector<option_problem> problems() const;
    [[nodiscard]] verdict describe_options() const;
    /// For a judgement.
    [[nodiscard]] circumstances about(step const& what) const;
    /// Whether `why` is that of a look-up behind another. Then `what` is noted as skipped.
    [[nodiscard]] bool waits_behind_slow_name(step const& what, failure const& why);
    [[nodiscard]] std::string subject_of(std::optional<base::url> const& where) const;

    surroundings with_;
    connection_options where_;
    doctor_options what_;
    deadline until_;
    std::string database_;        ///< empty: none was asked for
    circumstances circumstances_; ///< without a subject
    findings found_;
    std::shared_ptr<clock_samples> samples_;
    std::string slow_look_up_; ///< the check that began a look-up which goes on

    std::optional<base::url> engine_url_;
    std::optional<base::url> ingestion_url_;
    std::optional<base::url> metadata_url_; ///< of the service that the cluster URL names
    std::shared_ptr<service::service_context const> context_;
    std::shared_ptr<auth::token_provider> tokens_;
    std::unique_ptr<service::management_client const> engine_;
    std::shared_ptr<service::management_client const> ingestion_;
    std::shared_ptr<service::resource_manager> resources_;

    // What earlier checks found.
    std::optional<wire::cloud_metadata> cloud_;
    std::optional<token_claims> claims_;
    service::snapshot_ptr snapshot_;
    std::optional<result<table>> schema_reply_;
    table_schema columns_;
};

} // namespace kusto::doctor
