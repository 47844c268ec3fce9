#pragma once

#include <emulator/data_manager.hpp>
#include <emulator/server/storage.hpp>
#include <emulator/server/token_registry.hpp>
#include <string>

namespace kusto::emulator
{

/// Gives the data manager the storage half without HTTP, but with the same checks: a blob is read
/// only with a valid signature that grants it.
class storage_bridge final : public storage_access
{
public:
    storage_bridge(storage& target, token_registry const& identity_tokens);

    /// The port of the storage endpoint: URLs with another one are not this cluster's.
    void set_port(std::uint16_t port) noexcept { port_ = port; }

    download fetch(std::string const& url_with_sas, system_time posted) override;
    void remove(std::string const& url_with_sas) override;
    void merge_status(std::string const& table_url_with_sas, std::string const& partition_key,
                      std::string const& row_key,
                      std::map<std::string, std::string> const& properties) override;
    void notify(bool success, std::string const& json) override;
    bool accepts_identity(std::string const& authorization_context, system_time posted) override;

private:
    storage& storage_;
    token_registry const& identity_tokens_;
    std::uint16_t port_ = 0;
};

} // namespace kusto::emulator
