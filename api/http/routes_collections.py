"""Collections."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.http.state import ServiceOf
from api.schemas import CollectionBody, CollectionList, CollectionOut

router = APIRouter(prefix="/v1/collections", tags=["collections"])

Name = Annotated[str, Path(description="Name of the collection.")]


@router.get("")
def list_collections(service: ServiceOf) -> CollectionList:
    """All collections with their counts."""
    return CollectionList(data=[CollectionOut.model_validate(item) for item in service.library.collections()])


@router.post("", status_code=201)
def create_collection(body: CollectionBody, service: ServiceOf) -> CollectionOut:
    """Make a collection; one that is there already is returned as it is."""
    return CollectionOut.model_validate(service.library.create_collection(body.name))


@router.get("/{name}")
def show_collection(name: Name, service: ServiceOf) -> CollectionOut:
    """One collection with its counts."""
    return CollectionOut.model_validate(service.library.collection(name))


@router.delete("/{name}", status_code=204)
def delete_collection(name: Name, service: ServiceOf) -> None:
    """Remove a collection with its documents."""
    service.remover.remove_collection(name)
