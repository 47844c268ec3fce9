#pragma once

#include <emulator/server/blob_service.hpp>
#include <emulator/server/queue_service.hpp>
#include <emulator/server/table_service.hpp>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace kusto::emulator
{

struct storage_account
{
    std::string name;
    std::string key; ///< raw bytes
    /// Keys whose signatures count as expired, and since when.
    std::vector<std::pair<std::string, system_time>> retired = {};
};

struct storage_settings
{
    std::size_t accounts = 2;
    std::size_t containers = 2;
    std::chrono::seconds sas_lifetime = std::chrono::hours(4);
    std::function<system_time()> now = [] { return std::chrono::system_clock::now(); };
    std::function<void()> on_message;
    discard_mode discard = discard_mode::off;
};

/// A row of `.get ingestion resources`.
struct ingestion_resource
{
    std::string type;
    std::string url; ///< with SAS
};

/// The storage accounts of the cluster behind one port, path style: `/{account}/{resource}/...`.
///
/// Each request passes `handle`: address, version, signature, then the service.
///
/// \par Thread safety
/// All member functions may be called from any thread.
class storage
{
public:
    static constexpr char const* ready_queue = "readyforaggregation-secured";
    static constexpr char const* failed_queue = "failedingestions";
    static constexpr char const* successful_queue = "successfulingestions";
    static constexpr char const* status_table = "ingestionsstatus";

    explicit storage(storage_settings settings);

    /// Adds an account with a given key and nothing in it.
    void add_account(std::string name, std::string key);

    response handle(request& http);

    /// Everything that the ingestion service hands out, with fresh signatures.
    /// \param base_url  scheme, host and port
    [[nodiscard]] std::vector<ingestion_resource> resources(std::string const& base_url) const;

    /// Every signature handed out so far is refused as expired from now on.
    void expire_signatures();

    /// A URL inside this storage, taken apart and its signature checked for `need`.
    /// \param posted  when the URL was handed in: what `expire_signatures` refuses since then is
    ///                still accepted
    /// \throws storage_error
    [[nodiscard]] sas_target authorize_url(std::string const& path_and_query, sas_need need,
                                           system_time posted) const;

    /// Takes all visible messages of all ready queues.
    [[nodiscard]] std::vector<queue_service::taken> take_ready();
    /// Messages in the ready queues, visible or not.
    [[nodiscard]] std::size_t waiting() const;
    /// Puts a notification (JSON) into the first account's success or failure queue.
    void notify(bool success, std::string const& json);

    [[nodiscard]] blob_service& blobs() noexcept { return blobs_; }
    [[nodiscard]] blob_service const& blobs() const noexcept { return blobs_; }
    [[nodiscard]] queue_service& queues() noexcept { return queues_; }
    [[nodiscard]] table_service& tables() noexcept { return tables_; }
    [[nodiscard]] system_time now() const { return settings_.now(); }

private:
    struct address
    {
        sas_target target;
        std::string tail;
        bool has_tail = false;
    };

    [[nodiscard]] address parse(request const& http) const;
    [[nodiscard]] storage_account account(std::string const& name) const;
    [[nodiscard]] std::vector<storage_account> accounts() const;
    /// The key that signed the URL, or the present one.
    [[nodiscard]] std::string const& signing_key(storage_account const& owner,
                                                 sas_target const& target,
                                                 query_parameters const& query,
                                                 system_time handed_in) const;
    void authorize(storage_call& call) const;
    [[nodiscard]] sas_need need(storage_call const& call) const;
    response serve(request& http, std::string const& id);

    storage_settings settings_;
    mutable std::mutex accounts_mutex_; ///< guards accounts_
    std::vector<storage_account> accounts_;
    blob_service blobs_;
    queue_service queues_;
    table_service tables_;
};

} // namespace kusto::emulator
